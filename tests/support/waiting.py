"""Waiting for a condition, in place of a fixed time."""

import time
from collections.abc import Callable
from typing import Any

_POLL_S = 0.02


def wait_until(condition: Callable[[], Any], limit_s: float = 30, what: str = "the condition") -> float:
    """Returns after how many seconds the condition held. Raises AssertionError after `limit_s`."""
    started = time.monotonic()
    while not condition():
        assert time.monotonic() - started < limit_s, f"{what}: not within {limit_s} s"
        time.sleep(_POLL_S)
    return time.monotonic() - started
