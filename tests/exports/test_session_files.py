"""A session in each format has the readings that a pull gives."""

import csv
import io
import json
import zipfile
from pathlib import Path

import duckdb
import pyarrow.parquet
import pytest

from tests.exports.conftest import (
    LONG,
    Download,
    csv_readings,
    in_order,
    parquet_readings,
    pulled_readings,
    zip_readings,
)
from tests.support.aliases import Client

pytestmark = [pytest.mark.api, pytest.mark.sync]


def test_csv_has_all_readings(client: Client, auth_headers: dict[str, str], walk: None, download: Download) -> None:
    reply = download("walk", "csv")

    assert reply.headers["content-type"] == "text/csv; charset=utf-8"
    assert csv_readings(reply.content) == pulled_readings(client, auth_headers)


def test_csv_is_a_table_to_duckdb(walk: None, download: Download, tmp_path: Path) -> None:
    path = tmp_path / "walk.csv"
    path.write_bytes(download("walk", "csv").content)

    found = duckdb.sql(
        f"select count(*), min(x), max(recorded_at)::text from '{path}' where sensor_type = 'accelerometer'"
    )

    assert found.fetchall()[0] == (LONG, -(LONG - 1) / 7, "2025-10-09 08:57:29.99+00")


def test_formulas_are_texts_and_negative_numbers_are_numbers(walk: None, download: Download) -> None:
    text = download("walk", "csv").content.decode("utf-8-sig")
    rows = {row["sensor_type"]: row for row in csv.DictReader(io.StringIO(text, newline=""))}

    assert rows["'=cmd|' /C calc'!A0"]["x"] == "-1.5"
    assert rows["'-negative"]["x"] == "-2.5"
    cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
    for cell in cells:
        assert not cell.startswith(("=", "+", "@", "\t", "\r", "\0"))
        if cell.startswith("-"):
            float(cell)


def test_json_is_what_a_pull_gives(
    client: Client, auth_headers: dict[str, str], walk: None, download: Download
) -> None:
    reply = download("walk", "json")
    pulled = client.post("/api/sync/pull", json={"session_ids": ["walk"]}, headers=auth_headers).json()["sessions"][0]

    session = reply.json()["sessions"][0]

    assert in_order(session.pop("sensor_data")) == in_order(pulled.pop("sensor_data"))
    assert session == {name: value for name, value in pulled.items() if name != "is_complete"}


def test_zip_has_a_file_per_sensor(
    client: Client, auth_headers: dict[str, str], walk: None, download: Download
) -> None:
    content = download("walk", "zip").content
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        names = file.namelist()
        heads = {name: file.read(name).decode("utf-8-sig").split("\r\n")[0] for name in names}
        session = json.loads(file.read("session.json"))

    assert names == [
        "README.txt", "session.json", "sensors/negative.csv", "sensors/cmd_C_calc_A0.csv", "sensors/accelerometer.csv",
        "sensors/gps.csv", "sensors/심박수.csv",
    ]  # fmt: skip
    assert heads["sensors/accelerometer.csv"] == "recorded_at,x,y,z"
    assert heads["sensors/gps.csv"] == "recorded_at,latitude,longitude,altitude,accuracy,speed"
    assert heads["sensors/심박수.csv"] == "recorded_at,bpm,extra"
    assert session["notes"] == "메모"
    renamed = {"-negative": "negative", "=cmd|' /C calc'!A0": "cmd_C_calc_A0"}
    pulled = [(renamed.get(sensor, sensor), at, data) for sensor, at, data in pulled_readings(client, auth_headers)]
    assert zip_readings(content) == sorted(pulled, key=lambda item: item[:2])


def test_readme_names_columns_and_units(walk: None, download: Download) -> None:
    with zipfile.ZipFile(io.BytesIO(download("walk", "zip").content)) as file:
        text = file.read("README.txt").decode("utf-8-sig")

    assert f"sensors/accelerometer.csv: sensor accelerometer, {LONG} readings" in text
    assert "sensor -negative, 1 reading, one row per reading" in text
    assert "    x: g\r\n    y: g\r\n    z: g\r\n" in text
    assert "    bpm: in the unit in which the app sent it" in text
    assert "    latitude: degrees north, WGS 84" in text
    assert "ARCHIVED" not in text


def test_parquet_has_all_readings(
    client: Client, auth_headers: dict[str, str], walk: None, download: Download, tmp_path: Path
) -> None:
    path = tmp_path / "walk.parquet"
    path.write_bytes(download("walk", "parquet").content)

    assert parquet_readings(path) == pulled_readings(client, auth_headers)
    table = pyarrow.parquet.read_table(path)
    assert str(table.schema.field("recorded_at").type) == "timestamp[us, tz=UTC]"
    assert table.column_names[:4] == ["session_id", "sensor_type", "value_key", "recorded_at"]


@pytest.mark.parametrize("file_format", ["csv", "json", "zip", "parquet", "gpx"])
def test_a_session_without_readings_is_a_file_too(
    create_session: object, client: Client, auth_headers: dict[str, str], download: Download, file_format: str
) -> None:
    body = {"session": {"session_id": "empty", "start_time": "2025-10-09T08:53:20Z"}, "sensor_data": []}
    client.post("/api/sync/push", json=body, headers=auth_headers)

    content = download("empty", file_format).content

    if file_format == "csv":
        assert csv_readings(content) == []
    if file_format == "json":
        assert json.loads(content)["sessions"][0]["sensor_data"] == []
    if file_format == "parquet":
        assert pyarrow.parquet.read_table(io.BytesIO(content)).num_rows == 0


@pytest.mark.parametrize("file_format", ["csv", "json", "zip", "parquet", "gpx"])
def test_the_same_state_has_the_same_bytes(walk: None, download: Download, file_format: str) -> None:
    first, second = download("walk", file_format), download("walk", file_format)

    assert first.content == second.content
    assert first.headers["etag"] == second.headers["etag"]
