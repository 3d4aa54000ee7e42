"""The interactive face: prompt, highlighting, completion, and showing what came back."""
