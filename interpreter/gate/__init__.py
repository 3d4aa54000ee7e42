"""The gate: what stands between a proposal and a definition. Host code, which no program can rewrite."""
