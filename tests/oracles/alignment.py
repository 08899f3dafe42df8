"""Common time grids, as-of joins and points to draw, in plain Python from readings as (microseconds, value)."""

from itertools import pairwise

import numpy as np

Line = list[tuple[int, float]]


def grid(lines: dict[str, Line], step: int, max_gap: int) -> dict[tuple[int, str], float | None]:
    """The value of each line at each multiple of `step`; `lines` are in the order of time."""
    times = [at for line in lines.values() for at, _ in line]
    numbers = range(-(-min(times) // step), max(times) // step + 1)
    return {(n * step, name): _at(line, n * step, max_gap) for name, line in lines.items() for n in numbers}


def _at(line: Line, at: int, max_gap: int) -> float | None:
    values = dict(line)
    if at in values:
        return values[at]
    for (first, low), (last, high) in pairwise(line):
        if first < at < last and last - first <= max_gap:
            return low + (high - low) * (at - first) / (last - first)
    return None


def asof(line: Line, other: Line, tolerance: int | None) -> list[tuple[int, float, int | None, float | None]]:
    """Each reading of a line with the latest one of another that is not later."""
    joined = []
    for at, value in line:
        before = [(t, v) for t, v in other if t <= at and (tolerance is None or at - t <= tolerance)]
        joined.append((at, value, *(max(before) if before else (None, None))))
    return joined


def lttb(x: list[float], y: list[float], points: int) -> list[int]:
    """Largest triangle, three buckets (Steinarsson 2013): indexes from 0."""
    count = len(x)
    if points < 3 or points >= count:
        return list(range(count))
    times, values = np.array(x), np.array(y)
    width = (count - 2) / (points - 2)
    edges = [int(b * width) + 1 for b in range(points - 1)] + [count]
    chosen = [0]
    for b in range(points - 2):
        part, after = slice(edges[b], edges[b + 1]), slice(edges[b + 1], edges[b + 2])
        last_x, last_y = times[chosen[-1]], values[chosen[-1]]
        areas = np.abs(
            (last_x - times[after].mean()) * (values[part] - last_y)
            - (last_x - times[part]) * (values[after].mean() - last_y)
        )
        chosen.append(edges[b] + int(np.argmax(areas)))
    return [*chosen, count - 1]
