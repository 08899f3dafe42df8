"""A series of values as a chart shows it."""

from math import floor

Point = tuple[int, int, float, float]


def points(times: list[float], values: list[float], count: int) -> list[Point]:
    """Of each of `count` equal parts that has values: its place, count, minimum and maximum."""
    width = max(times[-1] - times[0], 1e-6) / count
    parts: dict[int, list[float]] = {}
    for at, value in zip(times, values, strict=True):
        parts.setdefault(min(floor((at - times[0]) / width), count - 1), []).append(value)
    return [(place, len(part), min(part), max(part)) for place, part in sorted(parts.items())]
