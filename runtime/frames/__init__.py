"""Frames: what a workspace's environment holds above the language itself, its versions and their journal."""
