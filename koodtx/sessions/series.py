"""Rows of a series as the columns that a chart draws."""

from koodtx.sessions.messages import Range, Series
from koodtx.sessions.store import SeriesRow


def as_series(session_id: str, sensor: str, rows: list[SeriesRow]) -> Series:
    """`rows` come in order of time."""
    places = {at: place for place, at in enumerate(dict.fromkeys(row.at for row in rows))}
    axes: dict[str, Range] = {}
    for row in rows:
        axis = axes.setdefault(row.axis, Range([None] * len(places), [None] * len(places)))
        axis.min[places[row.at]], axis.max[places[row.at]] = row.min, row.max
    return Series(session_id, sensor, list(places), axes)
