"""Text to unit vectors: the model, where it runs, and in which batches."""
