"""How completely and how evenly a sensor recorded."""

from itertools import pairwise
from statistics import quantiles, stdev
from typing import Any


def quality(times: list[float], sample_rate: float | None, begin: float, end: float) -> dict[str, Any]:
    """Of the times of one sensor in seconds, two or more, in a session from `begin` to `end`."""
    times = sorted(times)
    intervals = [b - a for a, b in pairwise(times)]
    rate, rate_from = _rate(intervals[:10_000], sample_rate)
    even = [interval for interval in intervals if rate is None or interval <= 3 / rate]
    pauses = (min(times[0], end) - begin, end - max(times[-1], begin))
    edges = [pause for pause in pauses if rate is not None and pause > 3 / rate]
    expected = None if rate is None else round(max(end - begin, 0) * rate) + 1
    inside = [time for time in times if begin <= time <= end]
    return {
        "count": len(times),
        "achieved_hz": len(intervals) / (times[-1] - times[0]),
        "expected_hz": rate,
        "expected_from": rate_from,
        "expected_count": expected,
        "coverage": None if expected is None else len(inside) / expected,
        "gap_count": len(intervals) - len(even) + len(edges),
        "max_gap_s": max([*intervals, *edges]),
        "jitter_ms": stdev(even) * 1000 if len(even) > 1 else None,
        "outside_count": len(times) - len(inside),
    }


def _rate(intervals: list[float], sample_rate: float | None) -> tuple[float | None, str | None]:
    lower, usual, upper = _quartiles(intervals)
    if sample_rate is not None and 1 / 3 <= usual * sample_rate <= 3:
        return sample_rate, "sample_rate"
    return (1 / usual, "median_interval") if upper <= 3 * lower else (None, None)


def is_undecided(intervals: list[float], edges: list[float], sample_rate: float | None) -> bool:
    """Whether the last digit of a double decides that there is a rate, or a gap."""
    lower, usual, upper = _quartiles(intervals)
    rates = [1 / usual] if sample_rate is None else [1 / usual, sample_rate]
    factors = [upper / lower, *(rate * pause for rate in rates for pause in [*intervals, *edges])]
    return any(abs(factor - 3) < 1e-9 for factor in factors)


def _quartiles(intervals: list[float]) -> list[float]:
    return quantiles(intervals, n=4, method="inclusive") if len(intervals) > 1 else intervals * 3
