"""Seconds in zones of the heart rate, and its lowest mean of a day, in plain Python."""

from bisect import bisect_right
from itertools import pairwise

Beats = list[tuple[float, float]]


def zones(beats: Beats, max_bpm: float, gap_s: float) -> list[float]:
    """Seconds in each zone; `beats` are (seconds, bpm) in the order of time. The last one holds for no time."""
    bounds = [percent * max_bpm / 100 for percent in (50, 60, 70, 80, 90)]
    seconds = [0.0] * (len(bounds) + 1)
    for (at, bpm), (next_at, _) in pairwise(beats):
        if bpm > 0:
            seconds[bisect_right(bounds, bpm)] += min(next_at - at, gap_s)
    return seconds


def resting(beats: Beats, window: int, least: int) -> tuple[float, int] | None:
    """The lowest mean of the minutes of a window, and the minute where it begins, of one day."""
    by_minute: dict[int, list[float]] = {}
    for at, bpm in beats:
        by_minute.setdefault(int(at // 60), []).append(bpm)
    means = {minute: sum(bpm) / len(bpm) for minute, bpm in by_minute.items() if min(bpm) > 0}
    found = []
    for first in sorted(means):
        inside = [mean for minute, mean in means.items() if first <= minute < first + window]
        if len(inside) >= least:
            found.append((sum(inside) / len(inside), first))
    return min(found) if found else None
