"""Distance of a track, in plain Python from its fixes: step by step as it is defined, however long that takes."""

import math
import statistics
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

from tests.oracles.haversine import distance_m
from tests.support.aliases import Document

_MINUTE = 60_000_000
_METRES = ("raw_m", "gated_m", "moving_m")


class Fix(NamedTuple):
    """A position at a time in epoch microseconds."""

    micros: int
    latitude: float
    longitude: float
    accuracy: float | None = None


@dataclass(frozen=True)
class Limits:
    """What session_distance() is given."""

    accuracy_max_m: float | None = 20
    min_gap_s: float = 60
    gap_factor: float = 3
    max_speed_m_s: float = 100
    stay_m: float = 50
    stay_s: float = 300


DEFAULTS = Limits()


def fix_of(micros: int, data: dict[str, Any]) -> Fix | None:
    """Returns the fix of a reading; None: it is none."""
    latitude, longitude, accuracy = (data.get(name) for name in ("latitude", "longitude", "accuracy"))
    if latitude is None or longitude is None or (accuracy is not None and accuracy < 0):
        return None
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 360):
        return None
    return Fix(micros, latitude, longitude - 360 if longitude > 180 else longitude, accuracy)


def possible(fixes: list[Fix], max_speed_m_s: float) -> list[Fix]:
    """Returns the fixes that could have been reached, seen from the longest stretch without an impossible leg."""
    if not fixes:
        return []
    stretches = [[fixes[0]]]
    for before, after in pairwise(fixes):
        if not _is_reached(before, after, max_speed_m_s):
            stretches.append([])
        stretches[-1].append(after)
    longest = max(stretches, key=len)
    begin = fixes.index(longest[0])
    kept = list(longest)
    for fix in fixes[begin + len(longest) :]:
        if _is_reached(kept[-1], fix, max_speed_m_s):
            kept.append(fix)
    for fix in reversed(fixes[:begin]):
        if _is_reached(fix, kept[0], max_speed_m_s):
            kept.insert(0, fix)
    return kept


def stays(fixes: list[Fix], stay_m: float, stay_s: float) -> list[tuple[int, int]]:
    """Returns the places of the first and the last fix of each stay (Li 2008)."""
    found = []
    anchor = 0
    while anchor < len(fixes):
        last = anchor
        while last + 1 < len(fixes) and _metres(fixes[anchor], fixes[last + 1]) <= stay_m:
            last += 1
        if fixes[last].micros - fixes[anchor].micros >= stay_s * 1_000_000:
            found.append((anchor, last))
            anchor = last + 1
        else:
            anchor += 1
    return found


def minutes(fixes: Iterable[Fix], limits: Limits = DEFAULTS) -> dict[int, Document]:
    """Returns the columns of minute_distance() by the start of the minute. NULL is None."""
    fixes = sorted(fixes)
    rows: dict[int, Document] = defaultdict(
        lambda: {"fixes": 0, "fixes_used": 0, "joined_s": None, "unjoined_s": 0.0, **dict.fromkeys(_METRES)}
    )
    track = possible(fixes, limits.max_speed_m_s)
    for fix in track:
        rows[_minute(fix)]["fixes"] += 1
    for before, after in pairwise(track):
        _add(rows[_minute(after)], "raw_m", _metres(before, after))
    gate = math.inf if limits.accuracy_max_m is None else limits.accuracy_max_m
    used = possible([fix for fix in fixes if fix.accuracy is None or fix.accuracy <= gate], limits.max_speed_m_s)
    for fix in used:
        rows[_minute(fix)]["fixes_used"] += 1
    resting = [range(first, last) for first, last in stays(used, limits.stay_m, limits.stay_s)]
    seconds = [(after.micros - before.micros) / 1_000_000 for before, after in pairwise(used)]
    longest = max(limits.min_gap_s, limits.gap_factor * statistics.median(seconds)) if seconds else 0
    for place, (before, after) in enumerate(pairwise(used)):
        row = rows[_minute(after)]
        if seconds[place] > longest:
            _add(row, "unjoined_s", seconds[place])
            continue
        _add(row, "joined_s", seconds[place])
        _add(row, "gated_m", _metres(before, after))
        _add(row, "moving_m", 0 if any(place in stay for stay in resting) else _metres(before, after))
    return dict(rows)


def total(rows: Iterable[Document]) -> Document:
    """Returns the columns of session_distance() of these minutes; metres are None if no minute has any."""
    rows = list(rows)
    return {
        "fixes": sum(row["fixes"] for row in rows),
        "fixes_used": sum(row["fixes_used"] for row in rows),
        "unjoined_s": math.fsum(row["unjoined_s"] for row in rows),
    } | {name: add(row[name] for row in rows) for name in _METRES}


def add(values: Iterable[float | None]) -> float | None:
    """Returns the sum of what is known; None: nothing is."""
    known = [value for value in values if value is not None]
    return math.fsum(known) if known else None


def _add(row: Document, name: str, value: float) -> None:
    row[name] = (row[name] or 0.0) + value


def _metres(one: Fix, other: Fix) -> float:
    return distance_m(one.latitude, one.longitude, other.latitude, other.longitude)


def _is_reached(before: Fix, after: Fix, max_speed_m_s: float) -> bool:
    return _metres(before, after) <= max_speed_m_s * (after.micros - before.micros) / 1_000_000


def _minute(fix: Fix) -> int:
    return fix.micros - fix.micros % _MINUTE
