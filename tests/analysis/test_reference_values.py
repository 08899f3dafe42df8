"""Real recordings against what their authors published, and what was computed from their files by other means."""

import json
from datetime import UTC, datetime

import pytest

from koodtx.demo.recording import read_recording
from koodtx.resources import project_folder
from tests.oracles.track import Fix, Limits, minutes, total
from tests.support.recordings import DATA, nab, strapdown

pytestmark = pytest.mark.integration

# The distances of the reference were computed on a sphere of 6,371,000 m.
RADII = 6_371_008.8 / 6_371_000


@pytest.fixture
def campus(record):
    """Twelve minutes on a campus."""
    recording = read_recording(project_folder("examples") / "sensorlogger_ethz")
    readings = [{"sensor_type": sensor, "timestamp": timestamp, "data": data} for sensor, timestamp, data in recording]
    session = record(readings, start_time=min(row["timestamp"] for row in readings), sample_rate=50)
    return session, readings


def test_campus(campus, ask):
    session, readings = campus
    [row] = ask("select analytics.session_analysis(%s) as found", session)
    analysis = row["found"]
    sensors = analysis["sensors"]
    assert {name: sensor["count"] for name, sensor in sensors.items()} == {
        "accelerometer": 34_667, "gyroscope": 34_648, "magnetometer": 34_650, "barometer": 3_853, "gps": 1_091,
    }  # fmt: skip
    assert analysis["record_count"] == 108_909

    axes, quality = sensors["accelerometer"]["axes"], sensors["accelerometer"]["quality"]
    means = [axes[axis]["mean"] for axis in ("x", "y", "z", "magnitude")]
    assert means == pytest.approx([0.022962361, 0.526447362, 9.680351652, 9.743648260], abs=1e-8)
    assert [axes[axis]["min"] for axis in "xyz"] == pytest.approx([-8.59518, -2.52828, 4.06296], abs=1e-5)
    assert [axes[axis]["max"] for axis in "xyz"] == pytest.approx([3.43568, 3.98635, 17.36754], abs=1e-5)
    assert quality["achieved_hz"] == pytest.approx(49.406, abs=5e-4)
    assert quality["max_gap_s"] == pytest.approx(0.038, abs=5e-4)
    assert quality["gap_count"] == 0
    assert sensors["barometer"]["axes"]["pressure"]["mean"] == pytest.approx(947.202713389, rel=1e-9)
    assert sensors["barometer"]["quality"]["expected_from"] == "median_interval"

    distance = analysis["distance"]
    assert (distance["sensor"], distance["fixes"], distance["fixes_used"]) == ("gps", 1091, 1088)
    assert distance["raw_m"] == pytest.approx(693.841 * RADII, rel=1e-6)
    assert distance["gated_m"] == pytest.approx(631.397 * RADII, rel=1e-6)
    [narrow] = ask("select gated_m, fixes_used from analytics.session_distance(%s, 10)", session)
    assert narrow == {"gated_m": pytest.approx(618.576 * RADII, rel=1e-6), "fixes_used": 966}
    fixes = [
        Fix(round(row["timestamp"] * 1000), row["data"]["latitude"], row["data"]["longitude"], row["data"]["accuracy"])
        for row in readings
        if row["sensor_type"] == "gps"
    ]
    expected = total(minutes(fixes, Limits()).values())
    assert {name: distance[name] for name in expected} == {
        name: pytest.approx(value, rel=1e-9) for name, value in expected.items()
    }


def test_the_speed_that_cannot_be_is_found(campus, ask):
    session, _ = campus
    [row] = ask("select timestamps from analytics.session_anomalies(%s) where channel = 'speed'", session)
    [at] = row["timestamps"]
    assert at == datetime(2023, 3, 17, 15, 50, 55, 456393, UTC)


def test_drive_with_a_hole(record, ask):
    session = record(strapdown(), start_time="2025-06-11T20:34:27Z", sample_rate=1)
    [distance] = ask("select raw_m, fixes from analytics.session_distance(%s)", session)
    assert distance == {"raw_m": pytest.approx(10_589.23432290408, rel=1e-9), "fixes": 1648}
    rows = ask("select sensor, axis, count, mean from analytics.session_metrics(%s)", session)
    metrics = {(row["sensor"], row["axis"]): (row["count"], row["mean"]) for row in rows}
    assert metrics["barometer", "pressure"] == (448, pytest.approx(1013.975233, rel=1e-9))
    assert metrics["accelerometer", "z"] == (451, pytest.approx(4.845779, rel=1e-6))
    assert metrics["barometer", "relative_altitude"][0] > 400
    quality = ask("select sensor, coverage, gap_count, max_gap_s from analytics.session_quality(%s)", session)
    rows = {row["sensor"]: row for row in quality}
    assert (rows["gps"]["coverage"], rows["gps"]["gap_count"]) == (1.0, 0)
    assert rows["accelerometer"]["coverage"] < 0.3
    assert rows["accelerometer"]["max_gap_s"] == 912


@pytest.mark.parametrize(
    ("name", "flagged", "inside", "windows"),
    [
        ("speed_7578", 31, 24, 4),
        ("ambient_temperature_system_failure", 19, 16, 2),
        ("art_daily_jumpsup", 72, 72, 1),
        ("art_flatline", 0, 0, 0),
    ],
)
def test_anomalies_of_the_numenta_benchmark(record, ask, name, flagged, inside, windows):
    session = record(nab(name))
    [row] = ask("select anomalies, timestamps from analytics.session_anomalies(%s, 3)", session)
    labels = json.loads((DATA / "nab" / "labels" / "combined_windows.json").read_text())[f"{name}.csv"]
    spans = [[datetime.fromisoformat(text).replace(tzinfo=UTC) for text in span] for span in labels]
    hits = [[at for at in row["timestamps"] if begin <= at <= end] for begin, end in spans]
    assert (row["anomalies"], sum(map(len, hits)), sum(map(bool, hits))) == (flagged, inside, windows)
