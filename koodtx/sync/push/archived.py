"""Readings of days that were archived: rolled up and removed, so that nothing can be added to them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from koodtx.readings.blocks import Group, Integers, RejectedItem


class ArchivedRange(NamedTuple):
    """Times of a sensor type that take no readings any more, epoch microseconds; `until_us` is not included."""

    sensor_type_id: int
    from_us: int
    until_us: int


class ArchivedTimes(NamedTuple):
    """The ranges of one sensor type, by time: where they begin and end."""

    starts: Integers
    ends: Integers


def times_of(ranges: Sequence[ArchivedRange]) -> ArchivedTimes:
    """The times of ranges of one sensor type, which do not overlap; there may be thousands."""
    ordered = sorted(ranges)
    return ArchivedTimes(np.array([span.from_us for span in ordered]), np.array([span.until_us for span in ordered]))


def without_archived(group: Group, archived: ArchivedTimes) -> tuple[Group, list[RejectedItem]]:
    """The group without the readings within a range of its sensor type; these are refused."""
    if not len(archived.starts):
        return group, []
    # The last range that begins before a reading is the only one that can hold it.
    places = np.searchsorted(archived.starts, group.micros, side="right") - 1
    is_archived = (places >= 0) & (group.micros < archived.ends[places])
    if not is_archived.any():
        return group, []
    refused = [
        RejectedItem(place, "archived", "the readings of its day were archived")
        for place in group.places[is_archived].tolist()
    ]
    return group.keep(~is_archived), refused
