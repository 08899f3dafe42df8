"""Intensities, steps and non-wear of accelerations, in plain Python."""

import math
from collections import defaultdict
from statistics import fmean, stdev

# Epoch microseconds, magnitude in the unit of the sensor; in the order of time.
Magnitudes = list[tuple[int, float]]

EPOCH, MINUTE = 5_000_000, 60_000_000
# Readings, ENMO and MAD in mg.
Epoch = tuple[int, float, float]


def epochs(magnitudes: Magnitudes, gravity: float = 9.80665) -> dict[int, Epoch]:
    """Returns ENMO (van Hees 2013) and MAD (Vaha-Ypya 2015) by the time at which each epoch of 5 s begins."""
    members = defaultdict(list)
    for at, magnitude in magnitudes:
        members[at - at % EPOCH].append(1000 * magnitude / gravity)
    return {
        at: (
            len(values),
            fmean(max(value - 1000, 0) for value in values),
            fmean(abs(value - fmean(values)) for value in values),
        )
        for at, values in members.items()
    }


def steps(magnitudes: Magnitudes) -> list[int]:
    """Returns the times of steps: rises of the mean of 150 ms to both sides above 1.03 times that of 1 s."""
    found, last_rise = [], -math.inf
    before: tuple[int, bool | None] = (0, None)
    for at, _ in magnitudes:
        short, base = (
            [magnitude for time, magnitude in magnitudes if abs(time - at) <= reach] for reach in (150_000, 1_000_000)
        )
        is_above = fmean(short) > 1.03 * fmean(base) if len(short) >= 3 else None
        if is_above and before[1] is False and at - before[0] <= 1_000_000:
            if at - last_rise > 250_000:
                found.append(at)
            last_rise = at
        before = (at, is_above)
    return found


def nonwear(
    axes: dict[int, tuple[float, float, float]], window_s: int, step_s: int, gravity: float = 9.80665
) -> dict[int, bool]:
    """Returns by the start of each window whether two of three axes are still (van Hees 2011)."""
    step, window = step_s * 1_000_000, window_s * 1_000_000
    found = {}
    first, last = min(axes), max(axes)
    for begin in range(-(-first // step) * step, last - window + 1, step):
        rows = [row for at, row in axes.items() if begin <= at < begin + window]
        if rows:
            columns = [[1000 * value / gravity for value in column] for column in zip(*rows, strict=True)]
            still = [(len(column) > 1 and stdev(column) < 13) or max(column) - min(column) < 50 for column in columns]
            found[begin] = sum(still) >= 2
    return found
