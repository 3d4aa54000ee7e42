"""Adapters as one chain: low-rank changes of a model, served together, merged, and moved between levels."""
