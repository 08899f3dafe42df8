"""The recording of the demo: twelve minutes on a campus, five sensors of an Android phone, from Sensor Logger."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

Data = dict[str, float]

# Sensor Logger's files and the usual names of these sensors. Its "Accelerometer" excludes gravity.
SENSORS = {
    "TotalAcceleration": "accelerometer",
    "Gyroscope": "gyroscope",
    "Magnetometer": "magnetometer",
    "Barometer": "barometer",
    "Location": "gps",
}
SAMPLE_RATE_HZ = 50

_NOT_DATA = ("time", "seconds_elapsed")
_OUR_NAMES = {"horizontalAccuracy": "accuracy"}


class Reading(NamedTuple):
    """One reading; `timestamp_ms` is epoch milliseconds with a fraction to the microsecond."""

    sensor_type: str
    timestamp_ms: float
    data: Data


def read_recording(folder: Path) -> list[Reading]:
    """Returns all readings of the folder's files by sensor, each in the order of time."""
    return [reading for file in SENSORS for reading in _read(folder / f"{file}.csv", SENSORS[file])]


def _read(path: Path, sensor_type: str) -> Iterator[Reading]:
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            data = {_OUR_NAMES.get(name, name): float(text) for name, text in row.items() if name not in _NOT_DATA}
            yield Reading(sensor_type, round(int(row["time"]) / 1000) / 1000, data)
