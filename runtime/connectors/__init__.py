"""Readers of the files a community comes in: what a file is, its rows in batches, what is wrong with the rest."""
