"""Benchmarks of KooDTX, each compared with the physical limit or the obvious alternative: `python -m bench`."""
