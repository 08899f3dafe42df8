"""Spares the callers of a service that is down the wait for it."""

import time


class CircuitBreaker:
    """After `max_failures` in a row it admits no call for `pause_s`, then one; others only when that has succeeded."""

    def __init__(self, max_failures: int, pause_s: float) -> None:
        self._max_failures = max_failures
        self._pause_s = pause_s
        self._failures = 0
        self._next_call_at = 0.0

    def admits(self) -> bool:
        """Whether a call may be made now. Who is admitted reports how it ended."""
        if self._failures < self._max_failures:
            return True
        now = time.monotonic()
        if now < self._next_call_at:
            return False
        # Others wait for the outcome of this call.
        self._next_call_at = now + self._pause_s
        return True

    def succeeded(self) -> None:
        self._failures = 0

    def failed(self) -> None:
        self._failures += 1
        self._next_call_at = time.monotonic() + self._pause_s
