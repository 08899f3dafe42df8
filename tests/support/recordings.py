"""Published recordings, as readings to push."""

import csv
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from koodtx.demo.recording import SENSORS
from koodtx.resources import project_folder
from tests.support.aliases import Readings

DATA = Path(__file__).parent.parent / "data"
_CAMPUS = {"horizontalAccuracy": "accuracy"}
_CAMPUS_TIMES = ("time", "seconds_elapsed")
_NEW_YEAR_MS = 1_577_836_800_000


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
_GPX_ALTITUDE = re.compile(
    r"<trkpt [^>]+>\s*<ele>(?P<altitude>[^<]+)</ele>(?:(?!</trkpt>).)*?<time>(?P<time>[^<]+)</time>", re.DOTALL
)
_TCX_HEART_RATE = re.compile(
    r"<Time>(?P<time>[^<]+)</Time>(?:(?!</Trackpoint>).)*?<HeartRateBpm>\s*<Value>(?P<bpm>[^<]+)</Value>", re.DOTALL
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


def gpx_altitudes(path: str) -> Readings:
    """The altitudes of the first track with points of a GPX file, as `gps`."""
    tracks = re.findall("<trk>.*?</trk>", (DATA / path).read_text(), re.DOTALL)
    return next(found for track in tracks if (found := _numbers(track, _GPX_ALTITUDE, "gps", "altitude")))


def tcx_heart_rate(path: str) -> Readings:
    """The heart rates of a TCX file."""
    return _numbers((DATA / path).read_text(), _TCX_HEART_RATE, "heart_rate", "bpm")


def _numbers(text: str, pattern: re.Pattern[str], sensor: str, name: str) -> Readings:
    return [
        {"sensor_type": sensor, "timestamp": _ms(found["time"]), "data": {name: float(found[name])}}
        for found in pattern.finditer(text)
    ]


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


def campus() -> Readings:
    """Twelve minutes on a campus, five sensors: the recording of the demo, with times cut to microseconds."""
    return [
        {
            "sensor_type": sensor,
            "timestamp": int(row["time"]) // 1000 / 1000,
            "data": {_CAMPUS.get(name, name): float(text) for name, text in row.items() if name not in _CAMPUS_TIMES},
        }
        for file, sensor in SENSORS.items()
        for row in _rows(project_folder("examples") / "sensorlogger_ethz" / f"{file}.csv")
    ]


def geotec(device: str) -> Readings:
    """Sitting, getting up and walking, with a label per reading. `device`: sp (phone) or sw (watch)."""
    readings = []
    for row in _rows(DATA / "geotec_sp_sw_har" / f"s01_01_{device}.csv"):
        for sensor, suffix in (("accelerometer", "acc"), ("gyroscope", "gyro")):
            data: dict[str, Any] = {axis: float(row[f"{axis}_{suffix}"]) for axis in "xyz"} | {"label": row["label"]}
            readings.append({"sensor_type": sensor, "timestamp": int(row["timestamp"]), "data": data})
    return readings


def oxford() -> Readings:
    """A walk of about 268 steps with the phone in the hand; times begin at 2020-01-01."""
    with (DATA / "oxford_steps" / "Samsung_Jamie_Hard_InHand_2" / "accelerometer.csv").open(newline="") as file:
        rows = [line.split(",") for line in file.read().split()]
    first = int(rows[0][0])
    return [
        {
            "sensor_type": "accelerometer",
            "timestamp": _NEW_YEAR_MS + (int(at) - first) // 1000 / 1000,
            "data": {"x": float(x), "y": float(y), "z": float(z)},
        }
        for at, _, x, y, z in rows
    ]


def pedometer() -> Readings:
    """Ten steps at 100 Hz, in g; times begin at 2020-01-01."""
    path = DATA / "pedometer_500lines" / "female-167-70_walk1-100-10.txt"
    values = [text.split(",") for text in path.read_text().strip().strip(";").split(";")]
    return [
        {
            "sensor_type": "accelerometer",
            "timestamp": _NEW_YEAR_MS + 10 * number,
            "data": {"x": float(x), "y": float(y), "z": float(z)},
        }
        for number, (x, y, z) in enumerate(values)
    ]
