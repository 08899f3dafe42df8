"""A real recording whose clock gave several readings the same millisecond (tests/data/geotec_sp_sw_har)."""

import csv
from collections import defaultdict
from pathlib import Path

import pytest

from tests.support.aliases import Call, Readings

pytestmark = [pytest.mark.api, pytest.mark.sync]


_FILE = Path(__file__).parent.parent / "data" / "geotec_sp_sw_har" / "s01_01_sp.csv"


@pytest.fixture(scope="module")
def recording() -> Readings:
    """The accelerometer's readings in the file's order."""
    with _FILE.open(newline="") as file:
        return [
            {
                "sensor_type": "accelerometer",
                "timestamp": int(row["timestamp"]),
                "data": {axis: float(row[f"{axis}_acc"]) for axis in "xyz"},
            }
            for row in csv.DictReader(file)
        ]


def spread(recording: Readings) -> Readings:
    """Readings of one millisecond, a microsecond apart."""
    seen: defaultdict[int, int] = defaultdict(int)
    apart = []
    for item in recording:
        time = item["timestamp"]
        apart.append(item | {"timestamp": time + seen[time] / 1000})
        seen[time] += 1
    return apart


def test_geotec_has_rows_that_share_a_millisecond(recording: Readings) -> None:
    assert (len(recording), len({item["timestamp"] for item in recording})) == (1351, 1243)


def test_geotec_rows_of_one_millisecond_fold_to_the_last(push: Call, pull: Call, recording: Readings) -> None:
    last = {item["timestamp"]: item for item in recording}
    reply = push(recording)
    assert (reply["inserted"], reply["duplicates"]) == (len(last), len(recording) - len(last))
    assert pull()["sessions"][0]["sensor_data"] == sorted(last.values(), key=lambda item: item["timestamp"])


def test_geotec_rows_spread_over_microseconds_are_all_stored(push: Call, pull: Call, recording: Readings) -> None:
    apart = spread(recording)
    reply = push(apart)
    assert (reply["inserted"], reply["duplicates"]) == (len(recording), 0)
    assert pull()["sessions"][0]["sensor_data"] == sorted(apart, key=lambda item: item["timestamp"])


def test_geotec_pushed_row_by_row_in_halves_keeps_the_last(push: Call, pull: Call, recording: Readings) -> None:
    middle = len(recording) // 2
    push(recording[:middle])
    push(recording[middle:])
    last = {item["timestamp"]: item for item in recording}
    assert pull()["sessions"][0]["sensor_data"] == sorted(last.values(), key=lambda item: item["timestamp"])
