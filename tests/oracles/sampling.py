"""How evenly a sensor recorded."""

from itertools import pairwise
from statistics import median, stdev
from typing import Any


def quality(times: list[float], sample_rate: float | None) -> dict[str, Any]:
    """Of the times of one sensor in seconds, two or more."""
    times = sorted(times)
    intervals = [b - a for a, b in pairwise(times)]
    usual = median(intervals[:10_000])
    is_asked = sample_rate is not None and 1 / 3 <= usual * sample_rate <= 3
    rate = sample_rate if is_asked and sample_rate else 1 / usual
    even = [interval for interval in intervals if interval <= 3 / rate]
    expected = round((times[-1] - times[0]) * rate) + 1
    return {
        "count": len(times),
        "achieved_hz": len(intervals) / (times[-1] - times[0]),
        "expected_hz": rate,
        "expected_from": "sample_rate" if is_asked else "median_interval",
        "expected_count": expected,
        "coverage": len(times) / expected,
        "gap_count": len(intervals) - len(even),
        "max_gap_s": max(intervals),
        "jitter_ms": stdev(even) * 1000 if len(even) > 1 else None,
    }
