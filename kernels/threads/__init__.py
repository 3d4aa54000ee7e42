"""Conversations taken apart: which earlier message each message of a channel answers, and the threads that follow."""
