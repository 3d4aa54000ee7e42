"""What the gate keeps in a workspace: one chain of events, each covered by the hash of the next."""
