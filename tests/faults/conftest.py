"""A running `koodtx up`, shared by the tests of a module that leave it running."""

from collections.abc import Iterator

import pytest

from tests.faults.stack import Stack, running_stack


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """A module may override this fixture to change settings."""
    with running_stack() as stack:
        yield stack
