"""The workspace: one DuckDB file, its schema and migrations, and the mark that tells of lost writes."""
