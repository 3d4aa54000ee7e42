"""Relational plans: immutable nodes and typed expressions, their SQL, and the slow evaluator that
defines them.
"""
