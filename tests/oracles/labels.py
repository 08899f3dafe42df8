"""Spans of equal label, in plain Python."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any, NamedTuple


class Span(NamedTuple):
    """Readings with the same label that follow one another; times in milliseconds."""

    sensor: str
    label: str
    first_ms: float
    last_ms: float
    readings: int


def spans(readings: Iterable[dict[str, Any]]) -> list[Span]:
    """Returns the spans of each sensor. Of readings with the same time the last one counts."""
    known = {(reading["sensor_type"], reading["timestamp"]): label_of(reading["data"]) for reading in readings}
    found = []
    for (sensor, label), group in groupby(sorted(known.items()), key=lambda item: (item[0][0], item[1])):
        times = [time for (_, time), _ in group]
        if label is not None:
            found.append(Span(sensor, label, times[0], times[-1], len(times)))
    return found


def label_of(data: dict[str, Any]) -> str | None:
    """Returns the label as text; None: it is missing, or longer than 200 characters, or no text, number or boolean."""
    value = data.get("label")
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"{value:g}"
    return value if isinstance(value, str) and 1 <= len(value) <= 200 else None
