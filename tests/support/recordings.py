"""Published recordings, as readings to push."""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from tests.support.aliases import Readings

DATA = Path(__file__).parent.parent / "data"


_STRAPDOWN = {
    "gps": {"latitude": "latitude", "longitude": "longitude", "altitude": "altitude", "speed": "speed",
            "bearing": "bearing", "horizontalAccuracy": "accuracy"},
    "accelerometer": {"acc_x": "x", "acc_y": "y", "acc_z": "z"},
    "barometer": {"pressure": "pressure", "relativeAltitude": "relative_altitude"},
}  # fmt: skip


def nab(name: str) -> Readings:
    """A labelled series of the Numenta Anomaly Benchmark."""
    return [
        {"sensor_type": "nab", "timestamp": _ms(row["timestamp"]), "data": {"value": float(row["value"])}}
        for row in _rows(DATA / "nab" / "data" / f"{name}.csv")
    ]


def strapdown() -> Readings:
    """A drive of 27 minutes, one row per second; empty cells are left out."""
    return [
        {"sensor_type": sensor, "timestamp": _ms(row["time"]), "data": data}
        for row in _rows(DATA / "sensorlogger_1hz_strapdown" / "2025-06-11_20-34-24.csv")
        for sensor, columns in _STRAPDOWN.items()
        if (data := {name: float(row[column]) for column, name in columns.items() if row[column]})
    ]


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(newline="") as file:
        yield from csv.DictReader(file)


def _ms(text: str) -> float:
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=at.tzinfo or UTC).timestamp() * 1000
