"""Readings like those of a phone's motion sensors, the same at every run."""

import math
import random
import struct
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

SENSORS = ("accelerometer", "gyroscope", "magnetometer")
START_MS = 1_760_000_000_000

_INTERVAL_MICROS = 20_000
_encoder = msgspec.json.Encoder()


class Reading(NamedTuple):
    """`micros`: epoch microseconds."""

    sensor: str
    micros: int
    x: float
    y: float
    z: float


def readings(count: int, start_ms: int = START_MS, seed: int = 1) -> list[Reading]:
    """Three sensors at 50 Hz, in order of time, each with a clock that trembles as Android's does."""
    return [reading for reading, _ in zip(_endless(start_ms, seed), range(count), strict=False)]


def push_body(session_id: str, batch: list[Reading]) -> bytes:
    """The batch as a push without push_id: sent again, it is read again."""
    session = {"session_id": session_id, "start_time": START_MS, "sample_rate": 50}
    items = [
        {"sensor_type": sensor, "timestamp": _milliseconds(micros), "data": {"x": x, "y": y, "z": z}}
        for sensor, micros, x, y, z in batch
    ]
    return _encoder.encode({"session": session, "sensor_data": items})


def _milliseconds(micros: int) -> int | float:
    return micros // 1000 if micros % 1000 == 0 else micros / 1000


def _endless(start_ms: int, seed: int) -> Iterator[Reading]:
    noise = random.Random(seed)
    tick = 0
    while True:
        tick += 1
        swing = math.sin(tick / 25)
        for number, sensor in enumerate(SENSORS):
            micros = start_ms * 1000 + tick * _INTERVAL_MICROS + number * 5000 + noise.randrange(4000)
            x, y, z = (_as_sensed(swing * axis + noise.gauss(0, 0.2)) for axis in (0.5, 1.5, 9.8))
            yield Reading(sensor, micros, x, y, z)


def _as_sensed(value: float) -> float:
    """Sensors give single precision; as a double that is 0.12689268589019775."""
    single: float = struct.unpack("f", struct.pack("f", value))[0]
    return single
