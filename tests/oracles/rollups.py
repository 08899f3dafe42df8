"""Partials of readings in plain Python: what the rollups of a bucket have to be."""

import math
from collections.abc import Iterable
from typing import Any

CHANNELS = ("x", "y", "z", "magnitude", "value", "speed")

Reading = tuple[int, dict[str, float]]


def channel(data: dict[str, float], name: str, value_key: str) -> float | None:
    """The value of a reading on a channel; None: it has none, or says that it does not know it."""
    if name == "magnitude":
        axes = [data.get(axis) for axis in "xyz"]
        return None if None in axes else math.sqrt(sum(a * a for a in axes if a is not None))
    if name == "speed":
        return data["speed"] if data.get("speed", -1) >= 0 else None
    return data.get(value_key if name == "value" else name)


def moments(values: list[float]) -> tuple[int, float | None, float | None]:
    """Count, sum and sum of squared deviations: two passes and sums without rounding are as good as exact."""
    if not values:
        return 0, None, None
    total = math.fsum(values)
    mean = total / len(values)
    return len(values), total, math.fsum((value - mean) ** 2 for value in values)


def partials(readings: Iterable[Reading], value_key: str) -> dict[str, Any]:
    """The columns of a bucket with these readings, (epoch microseconds, data) each."""
    readings = list(readings)
    times = [micros for micros, _ in readings]
    row: dict[str, Any] = {"count": len(readings), "first_at": min(times), "last_at": max(times)}
    for name in CHANNELS:
        values = [v for _, data in readings if (v := channel(data, name, value_key)) is not None]
        count, total, m2 = moments(values)
        row |= {f"{name}_count": count, f"{name}_sum": total, f"{name}_m2": m2}
        row |= {f"{name}_min": min(values, default=None), f"{name}_max": max(values, default=None)}
    return row


def is_alike(found: dict[str, Any], expected: dict[str, Any]) -> bool:
    """Equal, but for the last digits of sums."""
    return found.keys() == expected.keys() and all(
        value == expected[name]
        or (
            name.endswith(("_sum", "_m2"))
            and None not in (value, expected[name])
            and math.isclose(value, expected[name], rel_tol=1e-6, abs_tol=1e-9)
        )
        for name, value in found.items()
    )
