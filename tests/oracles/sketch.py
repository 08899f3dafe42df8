"""DDSketch (Masson, Rim, Lee 2019) with a relative accuracy of 1 %, in plain Python."""

import math
from collections import Counter
from collections.abc import Iterable

GAMMA = 1.01 / 0.99


def bucket(value: float) -> int:
    """Returns the bucket of a finite value: in the order of values, 0 for what is closer to 0 than 1e-300."""
    if abs(value) < 1e-300:
        return 0
    size = 40_000 + math.ceil(math.log(abs(value)) / math.log(GAMMA))
    return size if value > 0 else -size


def sketch(values: Iterable[float]) -> dict[str, int]:
    """Returns how many values fall into each bucket; those that are not finite are skipped."""
    return dict(Counter(str(bucket(value)) for value in values if math.isfinite(value)))


def at_rank(values: list[float], fraction: float) -> float:
    """Returns the value that a percentile of a sketch stands for."""
    return sorted(values)[math.floor(fraction * (len(values) - 1))]
