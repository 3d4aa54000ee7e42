"""The evaluator of the language in the host's place: its two stages, the code it writes, the levels of its tower."""
