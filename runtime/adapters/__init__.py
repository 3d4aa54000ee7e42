"""Adapters on disk: content-addressed tensors and a hash-chained log of what was bound, moved and undone."""
