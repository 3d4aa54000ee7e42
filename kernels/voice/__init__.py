"""Voices: a small causal language model of a community, and how each persona writes."""
