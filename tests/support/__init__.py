"""Helpers that tests of several rooms share. Fixtures stand in the conftest.py files, which nothing imports from."""
