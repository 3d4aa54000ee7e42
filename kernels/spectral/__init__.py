"""Spectra: which shapes a community's signals and flows are made of, and whether there are any."""
