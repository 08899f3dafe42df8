"""Parameters of which make test takes some and make test-all the rest."""

from collections.abc import Iterable
from typing import Any

import pytest


def long_except(names: Iterable[str], *short: str) -> list[Any]:
    """Returns the names as parameters; all but the `short` ones are marked as long."""
    return [name if name in short else pytest.param(name, marks=pytest.mark.long) for name in names]
