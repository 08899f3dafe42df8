"""What all tests of the scorer need."""

import pytest

from koodtx.scorer.warm_up import warm_up


@pytest.fixture(scope="session", autouse=True)
def compiled() -> None:
    """The first test would compile beside the processes of others, in the same cache."""
    warm_up()
