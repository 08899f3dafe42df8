"""Generators of pages that are made from code. Not part of the package."""
