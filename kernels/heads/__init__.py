"""Classifier heads: what a person labelled, learnt from words and vectors, with figures of what was held out."""
