"""Choices under uncertainty: which arm is best, what ratings tell of each, how much people differ, what it cost."""
