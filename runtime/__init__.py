"""The room runtime: values, errors, primitives, store, index, embedder; knows nothing of the language's syntax."""
