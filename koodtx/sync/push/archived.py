"""Readings of days that were archived: rolled up and removed, so that nothing can be added to them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from koodtx.readings.blocks import Group, RejectedItem


class ArchivedRange(NamedTuple):
    """Times of a sensor type that take no readings any more, epoch microseconds; `until_us` is not included."""

    sensor_type_id: int
    from_us: int
    until_us: int


def without_archived(group: Group, ranges: Sequence[ArchivedRange]) -> tuple[Group, list[RejectedItem]]:
    """The group without the readings within a range of its sensor type; these are refused."""
    is_archived = np.zeros(len(group.micros), np.bool_)
    for span in ranges:
        is_archived |= (group.micros >= span.from_us) & (group.micros < span.until_us)
    if not is_archived.any():
        return group, []
    refused = [
        RejectedItem(place, "archived", "the readings of its day were archived")
        for place in group.places[is_archived].tolist()
    ]
    return group.keep(~is_archived), refused
