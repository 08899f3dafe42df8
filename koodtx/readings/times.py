"""Times as clients send them, checked against what the database may hold."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# Far outside any bounds, and yet nanoseconds that were sent as milliseconds can still be recognised.
FAR_MS = 1e21


def from_micros(micros: int) -> datetime:
    """Epoch microseconds as a time."""
    return _EPOCH + timedelta(microseconds=micros)


def to_micros(time: datetime) -> int:
    """A time as epoch microseconds."""
    return (time - _EPOCH) // timedelta(microseconds=1)


def ms_to_micros(times: Sequence[int | float]) -> NDArray[np.float64]:
    """Epoch milliseconds as whole microseconds, exact within the bounds; what is far outside stays far outside."""
    try:
        milliseconds = np.array(times, np.float64)
    except OverflowError:
        milliseconds = np.array([max(-FAR_MS, min(time, FAR_MS)) for time in times], np.float64)
    return np.rint(np.clip(milliseconds, -FAR_MS, FAR_MS) * 1000)


def to_milliseconds(value: datetime | float) -> float:
    """A time, or epoch milliseconds, as epoch milliseconds."""
    return value if isinstance(value, int | float) else (value - _EPOCH) / timedelta(milliseconds=1)


def time_within(value: datetime | float, earliest: datetime, latest: datetime) -> datetime | None:
    """The time, or None when it lies outside."""
    if not to_milliseconds(earliest) <= to_milliseconds(value) <= to_milliseconds(latest):
        return None
    return from_micros(round(to_milliseconds(value) * 1000))
