"""What is derived from the messages, and can be thrown away: vectors and words to search, conversations."""
