"""Plots: what a table shows as a Vega-Lite value, drawn in a terminal, shown in a notebook, saved to a file."""
