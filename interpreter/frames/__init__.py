"""Versions of a session's environment: what its definitions are as texts, and how texts become bindings again."""
