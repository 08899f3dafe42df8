"""Readings in columns: blocks, which take a third of the bytes, unpacked or in gzip."""

from collections.abc import Iterator
from itertools import accumulate, pairwise
from typing import Any

Document = dict[str, Any]

# Of one block of readings.
MOST_KEYS = 64
# Epoch milliseconds that no clock shows: such a reading goes alone, as it would have the whole block refused.
FAR_MS = 1e13


def as_blocks(items: list[Document]) -> list[Document]:
    """Returns readings of one sensor with the same keys as one item."""
    groups: dict[Any, list[Document]] = {}
    for item in items:
        is_sane = abs(item["timestamp"]) < FAR_MS
        groups.setdefault((is_sane, item["sensor_type"], *item["data"]), []).append(item)
    found: list[Document] = []
    for (is_sane, *_), group in groups.items():
        is_block = is_sane and len(group) > 1 and len(group[0]["data"]) <= MOST_KEYS
        found += [_as_block(group)] if is_block else group
    return found


def as_readings(items: list[Document]) -> list[Document]:
    """Returns one item per reading: `index` of a rejected reading counts these."""
    return [reading for item in items for reading in ([item] if "timestamp" in item else _of_block(item))]


def to_micros(timestamp_ms: float) -> float:
    """Rounds to microseconds as the server does, so that equal times are equal readings on both sides."""
    return timestamp_ms if isinstance(timestamp_ms, int) else round(timestamp_ms * 1000) / 1000


def _as_block(items: list[Document]) -> Document:
    micros = [round(item["timestamp"] * 1000) for item in items]
    steps = [after - before for before, after in pairwise(micros)]
    data = {key: [item["data"][key] for item in items] for key in items[0]["data"]}
    timestamps = {"start": items[0]["timestamp"], "steps_us": steps}
    return {"sensor_type": items[0]["sensor_type"], "timestamps": timestamps, "data": data}


def _of_block(block: Document) -> Iterator[Document]:
    for index, timestamp in enumerate(_times(block["timestamps"])):
        data = {key: values[index] for key, values in block["data"].items()}
        yield {"sensor_type": block["sensor_type"], "timestamp": timestamp, "data": data}


def _times(timestamps: Any) -> list[float]:
    """Epoch milliseconds, of any of the three forms."""
    if isinstance(timestamps, list):
        return timestamps
    start = timestamps["start"]
    if "steps_us" in timestamps:
        micros = accumulate(timestamps["steps_us"], initial=round(start * 1000))
    else:
        micros = (round((start + index * timestamps["step"]) * 1000) for index in range(timestamps["count"]))
    return [time // 1000 if time % 1000 == 0 else time / 1000 for time in micros]
