"""Times as clients send them, checked against what the database may hold."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from koodtx.errors import invalid_field

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# Outside any bounds, and in microseconds still a double.
_FAR = 1e15


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
        milliseconds = np.array([max(-_FAR, min(time, _FAR)) for time in times], np.float64)
    return np.rint(np.clip(milliseconds, -_FAR, _FAR) * 1000)


def bounds_ms(max_age_days: int) -> tuple[float, float]:
    """The earliest and the latest time that is accepted, epoch milliseconds: so many days ago, and tomorrow."""
    now = datetime.now(UTC)
    oldest = now - timedelta(days=max_age_days)
    return oldest.timestamp() * 1000, (now + timedelta(days=1)).timestamp() * 1000


def checked_time(value: datetime | float, field: str, max_age_days: int) -> datetime:
    """A time of a session. Raises Invalid, naming the field, outside the bounds."""
    oldest, newest = bounds_ms(max_age_days)
    milliseconds = _milliseconds(value)
    if not oldest <= milliseconds <= newest:
        message = "lies in the future" if milliseconds > newest else "is too long ago"
        raise invalid_field(field, message)
    return from_micros(round(milliseconds * 1000))


def time_within(value: datetime | float, earliest: datetime, latest: datetime) -> datetime | None:
    """The time, or None when it lies outside."""
    if not _milliseconds(earliest) <= _milliseconds(value) <= _milliseconds(latest):
        return None
    return from_micros(round(_milliseconds(value) * 1000))


def _milliseconds(value: datetime | float) -> float:
    return value if isinstance(value, int | float) else (value - _EPOCH) / timedelta(milliseconds=1)
