"""Partials of readings in plain Python: what those of a bucket have to be."""

import math
from collections.abc import Iterable
from typing import Any

from tests.support.aliases import Document

CHANNELS = ("x", "y", "z", "magnitude", "value", "speed")

Reading = tuple[int, dict[str, float]]


def channel(data: Document, name: str, value_key: str) -> float | None:
    """Returns the value of a reading on a channel; None: it has none, or says that it does not know it."""
    if name == "magnitude":
        axes = [data.get(axis) for axis in "xyz"]
        return None if None in axes else math.sqrt(sum(a * a for a in axes if a is not None))
    if name in ("speed", "accuracy"):
        return data[name] if data.get(name, -1) >= 0 else None
    value = data.get(value_key if name == "value" else name)
    return value if isinstance(value, int | float) else None


def every_axis(data: Document) -> dict[str, float]:
    """Returns all numbers of a reading that are axes, by name, whatever column they have."""
    found = {key: value for key, value in data.items() if isinstance(value, int | float)}
    for key in ("latitude", "longitude", "bearing"):
        found.pop(key, None)
    for key in ("speed", "accuracy"):
        if found.get(key, 0) < 0:
            del found[key]
    magnitude = channel(data, "magnitude", "")
    return found if magnitude is None else found | {"magnitude": magnitude}


def moments(values: list[float]) -> tuple[int, float, float]:
    """Returns count, sum and sum of squared deviations: two passes, sums without rounding, as good as exact."""
    total = math.fsum(values)
    mean = total / len(values)
    return len(values), total, math.fsum((value - mean) ** 2 for value in values)


def partials(readings: Iterable[Reading], value_key: str) -> dict[str, Any]:
    """Returns the columns of a bucket with these readings, each given as (epoch microseconds, data)."""
    readings = list(readings)
    times = [micros for micros, _ in readings]
    row: dict[str, Any] = {"count": len(readings), "first_at": min(times), "last_at": max(times)}
    for name in CHANNELS:
        values = [v for _, data in readings if (v := channel(data, name, value_key)) is not None]
        row[f"{name}_moments"] = list(moments(values)) if values else None
        row |= {f"{name}_min": min(values, default=None), f"{name}_max": max(values, default=None)}
    return row


def is_alike(found: dict[str, Any], expected: dict[str, Any]) -> bool:
    """Whether two rows are equal but for the last digits of sums."""
    return found.keys() == expected.keys() and all(
        value == expected[name] or (name.endswith("_moments") and are_close(value, expected[name]))
        for name, value in found.items()
    )


def are_close(found: list[float] | None, expected: list[float] | None) -> bool:
    """Whether the counts are equal, and sums but for their last digits."""
    if found is None or expected is None or found[0] != expected[0]:
        return False
    return all(math.isclose(one, other, rel_tol=1e-6, abs_tol=1e-9) for one, other in zip(found, expected, strict=True))
