"""What rollups come to (means, distances, days of a time zone, charts), in plain Python from the readings."""

import math
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.oracles.rollups import Reading, channel, moments
from tests.oracles.track import add
from tests.support.aliases import Document

# A time (epoch microseconds), an axis and its value then.
Point = tuple[int, str, float]

# In the order of analysts' reports.
AXES = ("magnitude", "x", "y", "z", "value", "speed")
# Rollups have them of archived readings only; session_rollup() always.
EXTRA_AXES = ("altitude", "accuracy")

_MINUTE = 60_000_000


def instant(micros: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)


def local_date(micros: int, zone: str) -> date:
    return instant(micros).astimezone(ZoneInfo(zone)).date()


def axes(readings: list[Reading], value_key: str, names: Iterable[str] = AXES) -> Iterable[Document]:
    """What a sensor measured: one row per axis that has values."""
    for place, name in enumerate(AXES + EXTRA_AXES, 1):
        if name not in names:
            continue
        values = [v for _, data in readings if (v := channel(data, name, value_key)) is not None]
        if values:
            count, total, m2 = moments(values)
            yield {
                "place": place,
                "axis": value_key if name == "value" else name,
                "count": count,
                "mean": total / count,
                "std": math.sqrt(m2 / (count - 1)) if count > 1 else None,
                "min": min(values),
                "max": max(values),
                "moments": [count, total, m2],
            }


def rate_hz(readings: list[Reading]) -> float | None:
    seconds = _span_s(readings)
    return (len(readings) - 1) / seconds if seconds else None


def day_of_sensor(sessions: list[list[Reading]], lengths: list[float | None]) -> Document:
    """What the sessions of a user, on one day of theirs, have of a sensor. `lengths`: metres of each minute."""
    return {
        "sessions": len(sessions),
        "readings": sum(len(readings) for readings in sessions),
        "active_minutes": len({begin for readings in sessions for begin in by_minute(readings)}),
        "distance_m": add(lengths),
    }


def by_minute(readings: Iterable[Reading]) -> dict[int, list[Reading]]:
    return by_bucket(readings, _MINUTE)


def by_bucket(readings: Iterable[Reading], width: int) -> dict[int, list[Reading]]:
    found = defaultdict(list)
    for micros, data in readings:
        found[micros - micros % width].append((micros, data))
    return found


def chart(points: Iterable[Point], begin: int, width_s: float, count: int) -> dict[tuple[datetime, str], Document]:
    """Of each of `count` equal parts and each axis: how many values, minimum and maximum."""
    parts = defaultdict(list)
    for micros, axis, value in points:
        place = min(max(math.floor((micros - begin) / 1_000_000 / width_s), 0), count - 1)
        parts[instant(begin + round(place * width_s * 1_000_000)), axis].append(value)
    return {key: {"count": len(part), "min": min(part), "max": max(part)} for key, part in parts.items()}


def _span_s(readings: list[Reading]) -> float:
    times = [micros for micros, _ in readings]
    return (max(times) - min(times)) / 1_000_000
