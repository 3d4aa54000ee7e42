"""The room grammar: the reader's grammar."""
