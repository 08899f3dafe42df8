"""Turns the rows of a series into the columns of a chart."""

from datetime import UTC, datetime

from koodtx.errors import invalid_field
from koodtx.sessions.messages import AxisPoints, AxisRange, Method, Series, SeriesPoints
from koodtx.sessions.store import PointRow, SeriesRow

# A bucket at the ends of PostgreSQL's calendar would start at a time that Python cannot represent.
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)
# Both ends of a line, and one point between them.
_LEAST_LTTB_POINTS = 3
# Of a million readings of three axes it takes five seconds: docs/benchmarks.md.
MAX_LTTB_READINGS = 1_000_000


def check_span(from_at: datetime | None, to_at: datetime | None) -> None:
    """Raises Invalid, naming the field, for a time without zone, out of bounds or in the wrong order."""
    for field, at in (("from", from_at), ("to", to_at)):
        if at is not None and at.tzinfo is None:
            raise invalid_field(field, "has no time zone")
        if at is not None and not _EARLIEST <= at <= _LATEST:
            raise invalid_field(field, f"must lie between the years {_EARLIEST.year} and {_LATEST.year}")
    if from_at is not None and to_at is not None and from_at > to_at:
        raise invalid_field("from", "must not be after to")


def check_points(method: Method, points: int) -> None:
    """Raises Invalid, naming the field, for too few points."""
    if method == "lttb" and points < _LEAST_LTTB_POINTS:
        raise invalid_field("points", f"must be at least {_LEAST_LTTB_POINTS} with method=lttb")


def check_lttb_readings(is_more: bool) -> None:
    """Raises Invalid if there are more readings than `lttb` chooses among."""
    if is_more:
        raise invalid_field(
            "method",
            f"lttb chooses among at most {MAX_LTTB_READINGS:,} readings: bring `from` and `to` closer together, or use"
            " min_max",
        )


def as_series(session_id: str, sensor: str, rows: list[SeriesRow]) -> Series:
    """Returns the columns of `rows`, which are in order of time."""
    positions = {at: position for position, at in enumerate(dict.fromkeys(row.at for row in rows))}
    axes: dict[str, AxisRange] = {}
    for row in rows:
        axis = axes.setdefault(row.axis, AxisRange([None] * len(positions), [None] * len(positions)))
        axis.min[positions[row.at]], axis.max[positions[row.at]] = row.min, row.max
    return Series(session_id, sensor, list(positions), axes)


def as_points(session_id: str, sensor: str, rows: list[PointRow]) -> SeriesPoints:
    """Returns the lines of `rows`, which are in order of time."""
    axes: dict[str, AxisPoints] = {}
    for row in rows:
        line = axes.setdefault(row.axis, AxisPoints([], []))
        line.at.append(row.at)
        line.value.append(row.value)
    return SeriesPoints(session_id, sensor, axes)
