"""The room interpreter: text to values: reader, compiler, session and its faces."""
