"""Readers of the files a community comes in: what a file is, its rows in batches, and what is wrong."""
