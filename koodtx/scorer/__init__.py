"""The analysis server for trials: compares a take with the reference audio, by acoustics alone. docs/scorer.md.

A process of its own: neither the API nor workers import anything of this package but `extra`.
"""
