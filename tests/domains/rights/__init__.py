"""Every operation by every role: the cast, the table of what is expected, the calls."""
