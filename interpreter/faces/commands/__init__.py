"""Subcommands of `chorus`, one module each with a `run(arguments) -> exit code`."""
