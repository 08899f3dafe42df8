"""Readings of the motion sensors of a real phone: examples/sensorlogger_ethz, repeated."""

import json
from collections.abc import Iterator
from functools import cache
from itertools import count as numbers
from itertools import islice, pairwise
from typing import Any, NamedTuple

from koodtx.demo.recording import read_recording
from koodtx.resources import project_folder

_PAUSE_MICROS = 1_000_000


class Reading(NamedTuple):
    """A reading with three axes; `micros` are epoch microseconds."""

    sensor: str
    micros: int
    x: float
    y: float
    z: float


def readings(count: int) -> list[Reading]:
    """Returns readings of accelerometer, gyroscope and magnetometer at 50 Hz, in the order of time."""
    return list(islice(_laps(), count))


def start_ms() -> float:
    """Returns the time of the first reading in epoch milliseconds."""
    return _lap()[0].micros / 1000


def push_body(session_id: str, batch: list[Reading]) -> bytes:
    """Encodes a batch as a push without push_id, so that a repeated push is processed again."""
    return encode(push_of(session_id, batch))


def columns_body(session_id: str, batch: list[Reading]) -> bytes:
    """The batch as a push in column form: a block per sensor."""
    sensors = dict.fromkeys(reading.sensor for reading in batch)
    blocks = [_block([reading for reading in batch if reading.sensor == sensor]) for sensor in sensors]
    return encode({"session": _session(session_id), "sensor_data": blocks})


def push_of(session_id: str, batch: list[Reading]) -> dict[str, Any]:
    return {
        "session": _session(session_id),
        "sensor_data": [
            {"sensor_type": sensor, "timestamp": micros / 1000, "data": {"x": x, "y": y, "z": z}}
            for sensor, micros, x, y, z in batch
        ],
    }


def _session(session_id: str) -> dict[str, Any]:
    return {"session_id": session_id, "start_time": start_ms(), "sample_rate": 50}


def _block(batch: list[Reading]) -> dict[str, Any]:
    steps = [after.micros - before.micros for before, after in pairwise(batch)]
    return {
        "sensor_type": batch[0].sensor,
        "timestamps": {"start": batch[0].micros / 1000, "steps_us": steps},
        "data": {axis: [getattr(reading, axis) for reading in batch] for axis in ("x", "y", "z")},
    }


def encode(push: dict[str, Any]) -> bytes:
    """Encodes as clients do; Python's json writes some numbers differently from the server (1e-05)."""
    return json.dumps(push, separators=(",", ":")).encode()


def _laps() -> Iterator[Reading]:
    lap = _lap()
    length = lap[-1].micros - lap[0].micros + _PAUSE_MICROS
    for number in numbers():
        yield from (reading._replace(micros=reading.micros + number * length) for reading in lap)


@cache
def _lap() -> list[Reading]:
    recording = read_recording(project_folder("examples") / "sensorlogger_ethz")
    lap = [
        Reading(reading.sensor_type, round(reading.timestamp_ms * 1000), **reading.data)
        for reading in recording
        if reading.data.keys() == {"x", "y", "z"}
    ]
    return sorted(lap, key=lambda reading: reading.micros)
