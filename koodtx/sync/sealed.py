"""Readings of days that were sealed: rolled up and deleted, so that nothing can be added to them."""

from collections import defaultdict

import msgspec

from koodtx.sync.messages import ArchivedSpan, RejectedItem
from koodtx.sync.readings import Group, Parsed, SensorType


def without_sealed(parsed: Parsed, types: dict[str, SensorType], spans: list[dict[str, int]]) -> Parsed:
    """The push without the readings that lie in a span of their sensor type; these are refused."""
    sealed = defaultdict(list)
    for span in spans:
        sealed[span["sensor_type_id"]].append((span["from_us"], span["until_us"]))
    groups = []
    rejected = list(parsed.rejected)
    for group in parsed.groups:
        ranges = sealed[types[group.sensor].id] if group.sensor in types else []
        kept, refused = _split(parsed.micros, group.places, ranges)
        rejected += [RejectedItem(place, "archived", "the readings of its day were archived") for place in refused]
        if kept:
            groups.append(Group(group.sensor, group.keys, kept))
    return msgspec.structs.replace(parsed, groups=groups, rejected=rejected)


def archived_spans(types: dict[str, SensorType], spans: list[dict[str, int]]) -> list[ArchivedSpan]:
    """The spans as clients are told of them: where thousands of readings are refused, not each is named."""
    names = {kind.id: name for name, kind in types.items()}
    return [
        ArchivedSpan(names[span["sensor_type_id"]], span["from_us"] // 1000, span["until_us"] // 1000) for span in spans
    ]


def _split(micros: list[int], places: list[int], ranges: list[tuple[int, int]]) -> tuple[list[int], list[int]]:
    """Places outside all ranges, places inside one."""
    kept: list[int] = []
    refused: list[int] = []
    for place in places:
        is_sealed = any(low <= micros[place] < high for low, high in ranges)
        (refused if is_sealed else kept).append(place)
    return kept, refused
