"""The room stdlib: the language in the language."""
