"""The language looking at its own environment: eval, macroexpand, doc, apropos, load, exit."""
