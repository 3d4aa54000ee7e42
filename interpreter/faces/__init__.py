"""The faces of a session: command line and REPL."""
