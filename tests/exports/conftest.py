"""Downloads over HTTP, and what is in them as readings."""

import csv
import io
import json
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pytest

from tests.support.aliases import Client, Document
from tests.support.readings import START_MS, reading
from tests.support.requests import push, push_body

EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
COLUMNS = ("x", "y", "z", "latitude", "longitude", "altitude", "accuracy", "speed", "bearing")
# A sensor, epoch microseconds, data: what a reading is, whatever the file is written in.
Reading = tuple[str, int, dict[str, Any]]
Download = Callable[..., httpx.Response]

# More than two slices of 10,000.
LONG = 25_000


@pytest.fixture
def download(client: Client, auth_headers: dict[str, str]) -> Download:
    """Downloads a session in a format; the reply, whose status must be the expected one."""

    def call(
        session_id: str = "walk", file_format: str = "csv", *, status: int = 200, headers: Document | None = None
    ) -> httpx.Response:
        url = f"/api/sessions/{session_id}/download?format={file_format}"
        reply = client.get(url, headers=headers or auth_headers)
        assert reply.status_code == status, reply.text
        return reply

    return call


@pytest.fixture
def walk(client: Client, auth_headers: dict[str, str]) -> None:
    """A session with everything: a long sensor, gaps in columns, texts, Korean, formulas, positions."""
    block = {
        "sensor_type": "accelerometer",
        "timestamps": {"start": START_MS, "step": 10, "count": LONG},
        "data": {"x": [-n / 7 for n in range(LONG)], "y": [n / 3 for n in range(LONG)], "z": [9.81] * LONG},
    }
    items: list[Any] = [
        block,
        reading(0, "심박수", bpm=71),
        reading(1000, "심박수", bpm=72.5, note='한국어, "quoted"\nand =1+1'),
        reading(2000, "심박수", note="no number"),
        reading(0, "=cmd|' /C calc'!A0", x=-1.5),
        reading(0, "-negative", x=-2.5),
        *[
            reading(at, "gps", latitude=37.5 + at / 1e8, longitude=127.0, altitude=30.5, accuracy=5, speed=1.2)
            for at in (0, 1000, 2000, 200_000, 201_000)
        ],
        reading(300_000, "gps", latitude=37.5, longitude=127.0, accuracy=-1),
    ]
    body = push_body(items, "walk", units={"accelerometer": "g"}, notes="메모", end_time="2025-10-09T09:00:00Z")
    assert push(client, auth_headers, body)["errors"] == 0


def micros(at: datetime) -> int:
    return (at - EPOCH) // timedelta(microseconds=1)


def pulled_readings(client: Client, headers: dict[str, str], session_id: str = "walk") -> list[Reading]:
    """What a pull gives, by sensor and time."""
    members = {"session_ids": [session_id], "cursor": None, "max_readings": 200_000}
    session = client.post("/api/sync/pull", json=members, headers=headers).json()["sessions"][0]
    return in_order(session["sensor_data"])


def in_order(items: list[Document]) -> list[Reading]:
    found = [(item["sensor_type"], round(item["timestamp"] * 1000), item["data"]) for item in items]
    return sorted(found, key=lambda item: item[:2])


def csv_readings(content: bytes) -> list[Reading]:
    """The rows of the one CSV file of a session."""
    assert content.startswith(b"\xef\xbb\xbf")
    rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    return sorted((_reading(row) for row in rows), key=lambda item: item[:2])


def parquet_readings(path: Path) -> list[Reading]:
    """As DuckDB reads them."""
    found = duckdb.sql(f"select *, epoch_us(recorded_at) as us from '{path}'")
    rows = [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]
    return sorted((_as_reading(row, row["us"]) for row in rows), key=lambda item: item[:2])


def zip_readings(content: bytes) -> list[Reading]:
    """The rows of all CSV files in sensors/, each under the name of its file."""
    found: list[Reading] = []
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        assert file.testzip() is None
        for name in file.namelist():
            if name.startswith("sensors/"):
                for row in csv.DictReader(io.StringIO(file.read(name).decode("utf-8-sig"), newline="")):
                    at = micros(datetime.fromisoformat(row.pop("recorded_at")))
                    extra = json.loads(row.pop("extra", "") or "{}")
                    numbers = {key: float(text) for key, text in row.items() if text}
                    found.append((name.removeprefix("sensors/").removesuffix(".csv"), at, numbers | extra))
    return sorted(found, key=lambda item: item[:2])


def unquoted(text: str) -> str:
    """A text of a cell, as the documentation says."""
    return text.removeprefix("'")


def _reading(row: dict[str, str]) -> Reading:
    assert row["archived_count"] == ""
    numbers: dict[str, Any] = {name: float(row[name]) if row[name] else None for name in (*COLUMNS, "value")}
    names = {"sensor_type": unquoted(row["sensor_type"]), "value_key": unquoted(row["value_key"])}
    return _as_reading(numbers | names | {"extra": row["extra"]}, micros(datetime.fromisoformat(row["recorded_at"])))


def _as_reading(row: dict[str, Any], at: int) -> Reading:
    data = {name: row[name] for name in COLUMNS if row[name] is not None}
    if row["value"] is not None:
        data[row["value_key"]] = row["value"]
    return row["sensor_type"], at, data | json.loads(row["extra"] or "{}")
