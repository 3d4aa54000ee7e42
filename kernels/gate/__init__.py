"""The gate's mathematics: how sure it is that a change is better, in spite of looking often and of who rates."""
