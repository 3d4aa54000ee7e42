"""The room kernels: mathematics on arrays; knows nothing of the store or the language."""
