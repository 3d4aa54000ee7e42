"""The host primitives on data, files and the workspace: one module a subject, loaded at a first call."""
