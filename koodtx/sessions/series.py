"""Rows of a series as the columns that a chart draws."""

from datetime import UTC, datetime

from koodtx.errors import invalid_field
from koodtx.sessions.messages import Range, Series
from koodtx.sessions.store import SeriesRow

# Beyond the calendar's ends a bucket would begin at a time that cannot be written.
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)


def check_span(from_at: datetime | None, to_at: datetime | None) -> None:
    """Raises Invalid, naming the field."""
    for field, at in (("from", from_at), ("to", to_at)):
        if at is not None and at.tzinfo is None:
            raise invalid_field(field, "has no time zone")
        if at is not None and not _EARLIEST <= at <= _LATEST:
            raise invalid_field(field, f"must lie between the years {_EARLIEST.year} and {_LATEST.year}")
    if from_at is not None and to_at is not None and from_at > to_at:
        raise invalid_field("from", "must not be after to")


def as_series(session_id: str, sensor: str, rows: list[SeriesRow]) -> Series:
    """`rows` come in order of time."""
    places = {at: place for place, at in enumerate(dict.fromkeys(row.at for row in rows))}
    axes: dict[str, Range] = {}
    for row in rows:
        axis = axes.setdefault(row.axis, Range([None] * len(places), [None] * len(places)))
        axis.min[places[row.at]], axis.max[places[row.at]] = row.min, row.max
    return Series(session_id, sensor, list(places), axes)
