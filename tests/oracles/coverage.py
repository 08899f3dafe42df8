"""What a sensor recorded of a day, reading by reading from the times alone, in epoch microseconds."""

from bisect import bisect_left
from itertools import pairwise

Bounds = tuple[int, int]


def day_coverage(times: list[int], day: Bounds, gap_s: float) -> tuple[int, float, float]:
    """Returns readings, seconds recorded and the longest gap in seconds of a day [from, until).

    `times`: of all readings of the sensor, sorted, also those before and after the day.
    """
    begin, end = day
    recorded = 0.0
    for at, following in pairwise(times):
        until = min(following, at + gap_s * 1_000_000)
        recorded += max(min(until, end) - max(at, begin), 0)
    inside = times[bisect_left(times, begin) : bisect_left(times, end)]
    longest = max(after - before for before, after in pairwise([begin, *inside, end]))
    return len(inside), recorded / 1_000_000, longest / 1_000_000
