"""Values as text."""

def brief(value, limit=60):
    return repr(value)
