"""The answer of a job as a file."""

import csv
import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from koodtx.jobs.task import TASKS
from tests.support.aliases import Client, CreateUser, Db, Document
from tests.support.job_driver import JobDriver
from tests.support.readings import reading
from tests.support.requests import push, push_body

pytestmark = [pytest.mark.api, pytest.mark.tasks]

Get = Callable[..., httpx.Response]


@pytest.fixture
def session_id() -> str:
    return "아침 산책"


@pytest.fixture
def job_id(client: Client, auth_headers: dict[str, str], session_id: str) -> str:
    items = [reading(n * 10, x=n / 8 - 5, y=-n / 16, z=9.8125) for n in range(100)]
    items += [reading(n * 1000, "=심박수", bpm=70.5 + n) for n in range(3)]
    push(client, auth_headers, push_body(items, session_id, sample_rate=100, units={"accelerometer": "m/s2"}))
    question = {"kind": "analyze_sensor_data", "session_id": session_id}
    found: str = client.post("/api/v1/analysis", json=question, headers=auth_headers).json()["job_id"]
    return found


@pytest.fixture
def completed(job_id: str, settings: Any, db: Db) -> Document:
    """The job has completed; its result."""
    driver = JobDriver(settings, job_id)
    driver.claim()
    row = db.execute("select analytics.session_analysis(id) from app.recording_sessions").fetchone()
    assert row is not None
    driver.complete(row[0])
    document: Document = row[0]
    return document


@pytest.fixture
def get(client: Client, auth_headers: dict[str, str], job_id: str) -> Get:
    def call(file_format: str, *, status: int = 200, headers: dict[str, str] | None = None) -> httpx.Response:
        url = f"/api/v1/analysis/{job_id}/download?format={file_format}"
        reply = client.get(url, headers=auth_headers | (headers or {}))
        assert reply.status_code == status, reply.text
        return reply

    return call


def rows(content: bytes) -> list[dict[str, str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_json_is_the_result_for_people(
    client: Client, auth_headers: dict[str, str], job_id: str, completed: Document, get: Get
) -> None:
    reply = get("json")

    assert reply.json() == client.get(f"/api/v1/analysis/{job_id}/result", headers=auth_headers).json()
    assert '\n    "session_id": "아침 산책",\n' in reply.text
    assert "filename*=UTF-8''analyze_sensor_data_%EC%95%84%EC%B9%A8_" in reply.headers["content-disposition"]


def test_csv_has_a_row_per_number(completed: Document, get: Get) -> None:
    found = {(row["sensor"], row["axis"], row["name"]): row["value"] for row in rows(get("csv").content)}

    axes = completed["sensors"]["accelerometer"]["axes"]
    assert float(found["accelerometer", "x", "mean"]) == axes["x"]["mean"]
    assert found["accelerometer", "x", "min"] == "-5"
    assert (
        float(found["accelerometer", "", "quality.coverage"])
        == completed["sensors"]["accelerometer"]["quality"]["coverage"]
    )
    assert found["", "", "session_id"] == "아침 산책"
    assert found["'=심박수", "bpm", "max"] == "72.5"
    assert found["", "", "distance"] == ""
    assert found["accelerometer", "", "anomalies.count"] == "0"


def test_zip_has_a_table_per_sensor_and_a_readme(completed: Document, get: Get) -> None:
    with zipfile.ZipFile(io.BytesIO(get("zip").content)) as file:
        assert file.testzip() is None
        names = file.namelist()
        result = json.loads(file.read("result.json"))
        readme = file.read("README.txt").decode("utf-8-sig")
        table = {row["axis"]: row for row in rows(file.read("sensors/accelerometer.csv"))}
        summary = {row["name"]: row["value"] for row in rows(file.read("summary.csv"))}

    assert sorted(names) == [
        "README.txt",
        "result.json",
        "sensors/accelerometer.csv",
        "sensors/심박수.csv",
        "summary.csv",
    ]
    assert result["result"] == completed
    assert list(table) == ["", "magnitude", "x", "y", "z"] or set(table) == {"", "magnitude", "x", "y", "z"}
    assert float(table["x"]["std"]) == completed["sensors"]["accelerometer"]["axes"]["x"]["std"]
    assert table[""]["count"] == "100"
    assert summary["record_count"] == "103"
    assert "    accelerometer: m/s2" in readme
    assert "record_count: Readings." in readme


@pytest.mark.parametrize("file_format", ["json", "csv", "zip"])
def test_a_part_is_a_part_of_the_same_bytes(completed: Document, get: Get, file_format: str) -> None:
    whole = get(file_format)

    part = get(file_format, status=206, headers={"Range": "bytes=50-", "If-Range": whole.headers["etag"]})

    assert part.content == whole.content[50:]
    assert get(file_format, status=304, headers={"If-None-Match": whole.headers["etag"]}).content == b""


def test_a_result_that_is_not_there_yet_is_a_conflict(job_id: str, get: Get, settings: Any) -> None:
    reply = get("json", status=409)

    assert reply.json()["type"] == "urn:koodtx:problem:result-not-ready"
    assert "queued" in reply.json()["detail"]
    driver = JobDriver(settings, job_id)
    driver.claim()
    driver.fail("it broke")
    assert "failed" in get("csv", status=409).json()["detail"]


@pytest.mark.parametrize("file_format", ["xml", "gpx", "parquet", ""])
def test_an_unknown_format_is_named(completed: Document, get: Get, file_format: str) -> None:
    assert "json, csv, zip" in get(file_format, status=400).json()["detail"]


def test_of_a_stranger_there_is_none(completed: Document, job_id: str, client: Client, create_user: CreateUser) -> None:
    stranger = create_user("stranger")
    reply = client.get(f"/api/v1/analysis/{job_id}/download", headers=stranger["headers"])
    assert reply.status_code == 404


@pytest.mark.parametrize("kind", ["generate_statistics", "mobility", "activity", "rhythm", "detect_anomalies"])
def test_results_of_every_kind_become_tables(
    client: Client, auth_headers: dict[str, str], db: Db, job_id: str, session_id: str, kind: str
) -> None:
    """Every plain value of the document is in the one CSV file."""
    of = {"session_id": session_id} if kind == "detect_anomalies" else {}
    other = client.post("/api/v1/analysis", json={"kind": kind} | of, headers=auth_headers).json()["job_id"]
    function = {
        "generate_statistics": "user_statistics(s.user_id, '2025-10-01', '2025-10-31')",
        "mobility": "mobility_report(s.user_id, '2025-10-01', '2025-10-31')",
        "activity": "activity_report(s.user_id, '2025-10-01', '2025-10-31')",
        "rhythm": "rhythm_report(s.user_id, '2025-10-01', '2025-10-31')",
        "detect_anomalies": "anomaly_report(s.id)",
    }[kind]
    db.execute(
        f"update app.jobs set status = 'completed', finished_at = now(), result = analytics.{function}"
        " from app.recording_sessions as s where app.jobs.id = %s",
        [other],
    )
    assert kind in TASKS
    url = f"/api/v1/analysis/{other}/download"
    document = client.get(f"{url}?format=json", headers=auth_headers).json()["result"]

    table = rows(client.get(f"{url}?format=csv", headers=auth_headers).content)
    archive = client.get(f"{url}?format=zip", headers=auth_headers).content

    assert len(table) == leaves(document)
    with zipfile.ZipFile(io.BytesIO(archive)) as file:
        for name, value in document.items():
            if isinstance(value, list) and value and isinstance(value[0], dict):
                assert len(rows(file.read(f"{name}.csv"))) == len(value)


def leaves(value: Any) -> int:
    """Plain values, and lists of such."""
    if isinstance(value, dict):
        return sum(map(leaves, value.values()))
    if isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        return sum(map(leaves, value))
    return 1
