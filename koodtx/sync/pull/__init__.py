"""A pull: first what can go wrong (page), then the reply in slices (stream)."""
