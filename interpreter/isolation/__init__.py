"""Sessions whose programs run in a process of their own, which can be killed: for what nobody vouches for."""
