"""Recording sessions: list, read, annotate, delete."""
