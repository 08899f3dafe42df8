"""Downloads of sessions and results, and what jobs write into files."""
