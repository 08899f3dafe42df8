"""Measurements of KooDTX, each against the physical limit or the obvious alternative: `python -m bench`."""
