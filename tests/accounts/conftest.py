"""Passwords cost what they cost in production."""

import pytest

from koodtx.accounts import passwords


@pytest.fixture(autouse=True)
def quick_passwords() -> None:
    passwords._hash_of_nobody.cache_clear()
