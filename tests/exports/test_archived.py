"""Of archived readings there are their rollups, and every format says so."""

import csv
import io
import json
import xml.etree.ElementTree as ET
import zipfile

import pyarrow.parquet
import pytest

from tests.exports.conftest import Download
from tests.support.aliases import Client, CreateSession, Db, Document
from tests.support.readings import DAY_MS, START_MS, reading
from tests.support.requests import push, push_body

pytestmark = [pytest.mark.api, pytest.mark.sync]


@pytest.fixture
def archived(client: Client, auth_headers: dict[str, str], db: Db) -> None:
    """Two minutes of a day that was archived, and a reading of the day after that was not."""
    items = [
        reading(0, x=1.0, y=2.0, z=2.0),
        reading(1000, x=3.0, y=2.0, z=2.0),
        reading(60_000, x=5.0, y=0.0, z=0.0),
        reading(0, "heart", bpm=60.0, label="rest"),
        reading(0, "gps", latitude=37.5, longitude=127.0),
    ]
    push(client, auth_headers, push_body(items, "walk"))
    db.execute("select app.archive_readings(id) from app.recording_sessions")
    late = {"sensor_type": "accelerometer", "timestamp": START_MS + DAY_MS, "data": {"x": 7.0}}
    assert push(client, auth_headers, push_body([late], "walk"))["inserted"] == 1


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_csv_has_minutes_and_readings(archived: None, download: Download) -> None:
    found = rows(download("walk", "csv").content)

    accelerometer = [row for row in found if row["sensor_type"] == "accelerometer"]
    assert [(row["recorded_at"], row["x"], row["archived_count"]) for row in accelerometer] == [
        ("2025-10-09T08:53:00.000000Z", "2.0", "2"),
        ("2025-10-09T08:54:00.000000Z", "5.0", "1"),
        ("2025-10-10T08:53:20.000000Z", "7.0", ""),
    ]
    axes = json.loads(accelerometer[0]["extra"])
    assert axes["x"] == {"count": 2, "mean": 2.0, "std": pytest.approx(2**0.5), "min": 1.0, "max": 3.0}
    assert axes["magnitude"]["max"] == pytest.approx(17**0.5)
    heart, gps = ([row for row in found if row["sensor_type"] == sensor] for sensor in ("heart", "gps"))
    assert [(row["value_key"], row["value"], row["archived_count"]) for row in heart] == [("bpm", "60.0", "1")]
    assert [(row["latitude"], row["archived_count"]) for row in gps] == [("", "1")]
    assert sum(int(row["archived_count"] or 1) for row in found) == 6


def test_parquet_has_the_same_rows(archived: None, download: Download) -> None:
    table = pyarrow.parquet.read_table(io.BytesIO(download("walk", "parquet").content)).to_pylist()

    found = [(row["sensor_type"], row["x"], row["value"], row["archived_count"]) for row in table]
    assert found == [
        ("accelerometer", 2.0, None, 2),
        ("accelerometer", 5.0, None, 1),
        ("accelerometer", 7.0, None, None),
        ("gps", None, None, 1),
        ("heart", None, 60.0, 1),
    ]
    assert json.loads(table[0]["extra"])["x"]["max"] == 3.0


def test_json_has_minutes(archived: None, download: Download) -> None:
    session: Document = download("walk", "json").json()["sessions"][0]

    assert [item["data"] for item in session["sensor_data"]] == [{"x": 7}]
    assert [(item["sensor_type"], item["minute"], item["readings"]) for item in session["archived_minutes"]] == [
        ("accelerometer", "2025-10-09T08:53:00.000000Z", 2),
        ("accelerometer", "2025-10-09T08:54:00.000000Z", 1),
        ("gps", "2025-10-09T08:53:00.000000Z", 1),
        ("heart", "2025-10-09T08:53:00.000000Z", 1),
    ]
    assert session["archived_count"] == 5


def test_zip_has_files_of_minutes_and_says_so(archived: None, download: Download) -> None:
    with zipfile.ZipFile(io.BytesIO(download("walk", "zip").content)) as file:
        names = file.namelist()
        readme = file.read("README.txt").decode("utf-8-sig")
        minutes = rows(file.read("archived/accelerometer.csv"))
        positions = rows(file.read("archived/gps.csv"))

    assert [name for name in names if "/" in name] == [
        "sensors/accelerometer.csv", "archived/accelerometer.csv", "archived/gps.csv", "archived/heart.csv",
    ]  # fmt: skip
    assert "ARCHIVED READINGS: 5 of 6 readings of this session" in readme
    assert minutes[0]["minute"] == "2025-10-09T08:53:00.000000Z"
    x = next(row for row in minutes if row["axis"] == "x")
    assert (x["readings"], x["count"], x["mean"], x["min"], x["max"]) == ("2", "2", "2.0", "1.0", "3.0")
    assert positions == [
        {"minute": "2025-10-09T08:53:00.000000Z", "readings": "1"}
        | dict.fromkeys(("axis", "count", "mean", "std", "min", "max"), "")
    ]


def test_gpx_says_that_positions_are_gone(archived: None, download: Download) -> None:
    root = ET.fromstring(download("walk", "gpx").content)

    space = {"g": "http://www.topografix.com/GPX/1/1"}
    assert "5 readings were archived" in (root.findtext("g:metadata/g:desc", namespaces=space) or "")
    assert root.findall("g:trk", space) == []


def test_archiving_is_a_change(
    client: Client, auth_headers: dict[str, str], create_session: CreateSession, db: Db, download: Download
) -> None:
    create_session([reading()], session_id="walk")
    before = download("walk").headers["etag"]
    db.execute("select app.archive_readings(id) from app.recording_sessions")

    assert download("walk").headers["etag"] != before
