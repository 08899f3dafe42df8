"""Which times are accepted, and what is wrong with the others: the likely unit, a wrong clock, a GPS week rollover."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from koodtx.errors import FieldError, Invalid
from koodtx.readings.times import FAR_MS, from_micros, to_milliseconds

_DAY_MS = 86_400_000
# A clock may be ahead by this much: more than any time zone that was taken for UTC.
_AHEAD = timedelta(days=1)
# How many milliseconds the units have in which clocks count.
_UNITS = {"seconds": 1000.0, "microseconds": 1e-3, "nanoseconds": 1e-6}
# GPS counts weeks modulo 1,024 (IS-GPS-200, 20.3.3.3.1.1). Receivers resolve this wrongly once, twice, or too far.
_ROLLOVERS = (1, 2, -1)
_ROLLOVER_DAYS = 1024 * 7
# As long as readings may have waited on a phone, where a rollover is looked for.
_LATEST_YEAR_MS = 366 * _DAY_MS
# Less than this is the time that a request takes.
_WRONG_CLOCK_MS = 60_000
_PUSH_AGAIN = "Keep the session and its readings, correct the time and push with a new push_id"


class AcceptedTimes(NamedTuple):
    """From `oldest_ms` to `newest_ms`, epoch milliseconds.

    `clock_offset_ms`: the server's clock minus the phone's; None: the phone did not send its clock.
    """

    oldest_ms: float
    newest_ms: float
    clock_offset_ms: int | None = None


class Rejection(NamedTuple):
    """Why a time is refused; `code` is a code of RejectedItem."""

    code: str
    message: str


def accepted_times(now: datetime, max_age_days: int, clock_offset_ms: int | None = None) -> AcceptedTimes:
    """The times accepted at `now`: so many days back, and a day ahead."""
    oldest, newest = now - timedelta(days=max_age_days), now + _AHEAD
    return AcceptedTimes(to_milliseconds(oldest), to_milliseconds(newest), clock_offset_ms)


def rejections(milliseconds: NDArray[np.float64], accepted: AcceptedTimes) -> Iterator[Rejection]:
    """What is wrong with each of these times, none of which is accepted."""
    hints = _hints(milliseconds, accepted)
    texts = ["", *(text for _, text in hints)]
    chosen = np.select([is_likely for is_likely, _ in hints], range(1, len(texts)), 0)
    clock = "" if accepted.clock_offset_ms is None else f"; clock_offset_ms is {accepted.clock_offset_ms}"
    kinds = {
        (is_late, number): Rejection(code, f"{message}{text}{clock}")
        for is_late, code, message in ((False, "out_of_range", "is too long ago"), (True, "future", "is in the future"))
        for number, text in enumerate(texts)
    }
    is_late = milliseconds > accepted.newest_ms
    return (kinds[key] for key in zip(is_late.tolist(), chosen.tolist(), strict=True))


def checked_time(value: datetime | float, field: str, accepted: AcceptedTimes, advice: str = _PUSH_AGAIN) -> datetime:
    """A time of a session. Raises Invalid, naming the field and what to do, when it is not accepted."""
    milliseconds = to_milliseconds(value)
    if accepted.oldest_ms <= milliseconds <= accepted.newest_ms:
        return from_micros(round(milliseconds * 1000))
    [rejection] = rejections(np.array([max(-FAR_MS, min(milliseconds, FAR_MS))], np.float64), accepted)
    message = f"{rejection.message}. {advice}"
    offset = {} if accepted.clock_offset_ms is None else {"clock_offset_ms": accepted.clock_offset_ms}
    raise Invalid(f"{field} {message}", errors=[FieldError(field, message)], **offset)


def likely_unit(milliseconds: float, oldest_ms: float, newest_ms: float) -> str | None:
    """The unit in which the number lies within the bounds, when it is not milliseconds."""
    for unit, factor in _UNITS.items():
        if oldest_ms <= milliseconds * factor <= newest_ms:
            return unit
    return None


def _hints(milliseconds: NDArray[np.float64], accepted: AcceptedTimes) -> list[tuple[NDArray[np.bool_], str]]:
    """Likely reasons, the likeliest first: for which times, and in words."""

    def within(times: NDArray[np.float64], oldest_ms: float = accepted.oldest_ms) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = (times >= oldest_ms) & (times <= accepted.newest_ms)
        return found

    hints = [
        (within(milliseconds * factor), f": looks like {unit}; milliseconds since 1970 are expected")
        for unit, factor in _UNITS.items()
    ]
    offset = accepted.clock_offset_ms
    if offset is not None and abs(offset) >= _WRONG_CLOCK_MS:
        text = f": the phone's clock is {_span(abs(offset))} {'slow' if offset > 0 else 'fast'}; add clock_offset_ms"
        hints.append((within(milliseconds + offset), text))
    for number in _ROLLOVERS:
        days = number * _ROLLOVER_DAYS
        text = f": looks like a GPS week rollover, {number * 1024:+,} weeks; add {days:,} days"
        hints.append((within(milliseconds + days * _DAY_MS, accepted.newest_ms - _LATEST_YEAR_MS), text))
    return hints


def _span(milliseconds: int) -> str:
    """A duration for people, in its largest unit."""
    for unit, size in (("days", _DAY_MS), ("hours", 3_600_000), ("minutes", 60_000)):
        if milliseconds >= 2 * size:
            return f"{milliseconds / size:.1f} {unit}"
    return f"{milliseconds / 1000:.0f} seconds"
