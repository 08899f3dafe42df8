"""Published recordings, as readings to push."""

import csv
import re
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


_GPX_POINT = re.compile(
    r'<trkpt lat="(?P<latitude>[^"]+)" lon="(?P<longitude>[^"]+)">(?:(?!</trkpt>).)*?<time>(?P<time>[^<]+)</time>',
    re.DOTALL,
)
_TCX_POINT = re.compile(
    r"<Time>(?P<time>[^<]+)</Time>\s*<Position>\s*<LatitudeDegrees>(?P<latitude>[^<]+)</LatitudeDegrees>"
    r"\s*<LongitudeDegrees>(?P<longitude>[^<]+)</LongitudeDegrees>"
)


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


def gpx(path: str) -> Readings:
    """The first track with points of a GPX file, as `gps`."""
    tracks = re.findall("<trk>.*?</trk>", (DATA / path).read_text(), re.DOTALL)
    return next(found for track in tracks if (found := _fixes(track, _GPX_POINT)))


def tcx(path: str) -> Readings:
    """The points of a TCX file that have a position, as `gps`."""
    return _fixes((DATA / path).read_text(), _TCX_POINT)


def _fixes(text: str, pattern: re.Pattern[str]) -> Readings:
    return [
        {
            "sensor_type": "gps",
            "timestamp": _ms(found["time"]),
            "data": {"latitude": float(found["latitude"]), "longitude": float(found["longitude"])},
        }
        for found in pattern.finditer(text)
    ]


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(newline="") as file:
        yield from csv.DictReader(file)


def _ms(text: str) -> float:
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=at.tzinfo or UTC).timestamp() * 1000
