"""Which values lie far off, by position."""

from statistics import fmean, median, stdev


def global_outliers(values: list[float], sensitivity: float) -> list[int]:
    """More than so many sample deviations from the mean."""
    if len(set(values)) < 2:
        return []
    mean, std = fmean(values), stdev(values)
    return [index for index, value in enumerate(values) if abs(value - mean) / std > sensitivity]


def robust_outliers(values: list[float], sensitivity: float) -> list[int]:
    """More than so many times 1.4826 MAD from the median."""
    middle = median(values)
    scale = 1.4826 * median(abs(value - middle) for value in values)
    return [index for index, value in enumerate(values) if scale and abs(value - middle) / scale > sensitivity]


def rolling_outliers(times: list[float], values: list[float], sensitivity: float, window_s: float) -> list[int]:
    """More than so many sample deviations from the mean of the window before, which has ten values or more."""
    found = []
    for index, (at, value) in enumerate(zip(times, values, strict=True)):
        before = [v for t, v in zip(times, values, strict=True) if at - window_s <= t < at]
        if len(before) >= 10 and len(set(before)) > 1 and abs(value - fmean(before)) / stdev(before) > sensitivity:
            found.append(index)
    return found
