"""Stays, places and mobility of a day, in plain Python from the fixes: as they are defined, however long that takes."""

import math
from collections import defaultdict
from itertools import pairwise
from typing import NamedTuple

from tests.oracles.haversine import distance_m
from tests.oracles.track import Fix, stays
from tests.support.aliases import Document

Bounds = tuple[int, int]
Point = tuple[float, float]


class PlacedStay(NamedTuple):
    """A stay in epoch microseconds, with its centre and the number of its place, from 0."""

    begin: int
    end: int
    fixes: int
    centre: Point
    place: int


def placed_stays(fixes: list[Fix], stay_m: float, stay_s: float, place_m: float, span: Bounds) -> list[PlacedStay]:
    """Returns the stays that reach into `span`, whole."""
    found: list[PlacedStay] = []
    opened: list[Point] = []
    for first, last in stays(fixes, stay_m, stay_s):
        inside = fixes[first : last + 1]
        begin, end = inside[0].micros, inside[-1].micros
        if end <= span[0] or begin >= span[1]:
            continue
        centre = mean_point(inside)
        near = (number for number, other in enumerate(opened) if distance_m(*other, *centre) <= place_m)
        place = next(near, len(opened))
        if place == len(opened):
            opened.append(centre)
        found.append(PlacedStay(begin, end, len(inside), centre, place))
    return found


def mean_point(fixes: list[Fix]) -> Point:
    """Returns the mean of latitude and of longitude."""
    return (
        math.fsum(fix.latitude for fix in fixes) / len(fixes),
        math.fsum(fix.longitude for fix in fixes) / len(fixes),
    )


def home_of(placed: list[PlacedStay], nights: list[Bounds]) -> Point | None:
    """Returns the centre of the place with most stay time in these nights; None: there is none."""
    times = _by_place(placed, nights)
    if not times:
        return None
    home = min(times, key=lambda place: (-times[place], place))
    return next(stay.centre for stay in placed if stay.place == home)


def day_mobility(fixes: list[Fix], placed: list[PlacedStay], home: Point | None, day: Bounds, gap_s: float) -> Document:
    """Returns the columns of user_mobility() that come from fixes; `fixes` are also those before and after the day."""
    begin, end = day
    inside = [fix for fix in fixes if begin <= fix.micros < end]
    recorded = 0.0
    for fix, following in pairwise(fixes):
        until = min(following.micros, fix.micros + gap_s * 1_000_000)
        recorded += max(min(until, end) - max(fix.micros, begin), 0) / 1_000_000
    times = _by_place(placed, [day])
    total = math.fsum(times.values())
    is_known = bool(inside or times)
    home_s = sum(times[stay] for stay in times if home == _centre(placed, stay))
    return {
        "fixes": len(inside),
        "recorded_s": recorded,
        "missing": 1 - recorded / ((end - begin) / 1_000_000),
        "radius_of_gyration_m": _radius(inside),
        "home_latitude": home[0] if home else None,
        "home_longitude": home[1] if home else None,
        "home_s": home_s if home and is_known else None,
        "farthest_m": max((distance_m(*home, *_point(fix)) for fix in inside), default=None) if home else None,
        "stay_s": total if is_known else None,
        "places": len(times) if is_known else None,
        "entropy": -math.fsum(time / total * math.log(time / total) for time in times.values()) if times else None,
    }


def _radius(fixes: list[Fix]) -> float | None:
    if not fixes:
        return None
    centre = mean_point(fixes)
    return math.sqrt(math.fsum(distance_m(*centre, *_point(fix)) ** 2 for fix in fixes) / len(fixes))


def _by_place(placed: list[PlacedStay], spans: list[Bounds]) -> dict[int, float]:
    """Seconds of stay in these times."""
    times: dict[int, float] = defaultdict(float)
    for stay in placed:
        for begin, end in spans:
            if stay.end > begin and stay.begin < end:
                times[stay.place] += (min(stay.end, end) - max(stay.begin, begin)) / 1_000_000
    return dict(times)


def _centre(placed: list[PlacedStay], place: int) -> Point:
    return next(stay.centre for stay in placed if stay.place == place)


def _point(fix: Fix) -> Point:
    return fix.latitude, fix.longitude
