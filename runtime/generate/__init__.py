"""Generators that phrase an answer from evidence: extractive by default, a local model or a remote one by
choice.
"""
