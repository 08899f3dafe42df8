"""Blocks of columns as the contract explains them: made of readings, and taken apart again."""

from itertools import groupby, pairwise
from typing import Any

from tests.support.aliases import Document


def as_blocks(readings: list[Any]) -> list[Any]:
    """Returns the readings with runs of the same sensor and keys as blocks; what is not well-formed stays as it is."""
    items: list[Any] = []
    for kind, run in groupby(readings, _kind):
        members = list(run)
        items += members if kind is None else [_block(members)]
    return items


def _kind(reading: Document) -> Any:
    data, sensor = reading.get("data"), reading.get("sensor_type")
    return (sensor, *data) if isinstance(data, dict) and sensor else None


def _block(readings: list[Document]) -> Document:
    keys = readings[0]["data"]
    return {
        "sensor_type": readings[0]["sensor_type"],
        "timestamps": _timestamps([reading["timestamp"] for reading in readings]),
        "data": {key: [reading["data"][key] for reading in readings] for key in keys},
    }


def _timestamps(times: list[float]) -> Any:
    """Each form in some cases."""
    micros = [round(time * 1000) for time in times]
    steps = [after - before for before, after in pairwise(micros)]
    if len(steps) == 1:
        return {"start": times[0], "step": steps[0] / 1000, "count": 2}
    return {"start": times[0], "steps_us": steps} if steps else times


def expanded(items: list[Any]) -> list[Any]:
    """Returns the readings, those of a block one by one."""
    return [reading for item in items for reading in _readings(item)]


def _readings(item: Document) -> list[Document]:
    if "timestamps" not in item:
        return [item]
    return [
        {
            "sensor_type": item["sensor_type"],
            "timestamp": time,
            "data": {key: values[index] for key, values in item["data"].items()},
        }
        for index, time in enumerate(times_of(item["timestamps"]))
    ]


def times_of(timestamps: Any) -> list[float]:
    """Returns the times of a block, epoch milliseconds."""
    if isinstance(timestamps, list):
        return timestamps
    start = timestamps["start"]
    if "steps_us" in timestamps:
        micros = [round(start * 1000)]
        for step in timestamps["steps_us"]:
            micros.append(micros[-1] + step)
        return [time / 1000 for time in micros]
    return [round((start + index * timestamps["step"]) * 1000) / 1000 for index in range(timestamps["count"])]
