"""Signals in time: change points, days out of line, forecasts, topics that come and go."""
