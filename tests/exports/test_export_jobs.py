"""Exports as jobs: what may be asked for, and who gets a link."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from koodtx.settings import Settings
from tests.support.aliases import Client, Db, Document
from tests.support.databases import value
from tests.support.processes import StartWorker
from tests.support.requests import push, push_body
from tests.support.settings import make_settings
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.api, pytest.mark.tasks]

URL = "/api/v1/exports"
OCTOBER = {"from": "2025-10-01T00:00:00Z", "to": "2025-11-01T00:00:00Z"}


@pytest.fixture
def settings(database_url: str, redis_url: str, tmp_path: Path) -> Settings:
    return make_settings(database_url, redis_url=redis_url, storage_url=(tmp_path / "objects").as_uri())


@pytest.fixture
def sessions(client: Client, auth_headers: Document, sensor_data_batch: list[Any]) -> list[str]:
    """Sessions of three days."""
    for day in (7, 8, 9):
        body = push_body(sensor_data_batch, f"day-{day}", start_time=f"2025-10-0{day}T08:00:00Z")
        push(client, auth_headers, body)
    return ["day-7", "day-8", "day-9"]


Ask = Callable[..., Document]


@pytest.fixture
def ask(client: Client, auth_headers: Document) -> Ask:
    """Asks for an export; the answer, whose status must be the expected one."""

    def ask(status: int = 202, headers: Document | None = None, **wanted: Any) -> Document:
        reply = client.post(URL, json=wanted, headers=headers or auth_headers)
        assert reply.status_code == status, reply.text
        answer: Document = reply.json()
        return answer

    return ask


@pytest.fixture
def exported(client: Client, auth_headers: Document, ask: Ask, sessions: list[str], start_worker: StartWorker) -> str:
    """The URL of an export that has completed."""
    url = f"{URL}/{ask(session_ids=sessions, format='zip')['job_id']}"
    start_worker()
    wait_until(lambda: client.get(url, headers=auth_headers).json()["status"] == "completed", 60, "the export")
    return url


def test_sessions_of_a_period_are_those_that_began_in_it(ask: Ask, sessions: list[str], db: Db) -> None:
    for period, expected in (
        (OCTOBER, sessions),
        ({"from": "2025-10-07T08:00:00Z", "to": "2025-10-09T08:00:00Z"}, ["day-7", "day-8"]),
        ({"from": "2025-10-08T17:00:00+09:00", "to": "2025-10-08T17:00:00.000001+09:00"}, ["day-8"]),
    ):
        answer = ask(**period, format="csv")
        assert (answer["status"], answer["sessions"], answer["format"]) == ("queued", len(expected), "csv")
        assert (answer["result"], answer["link"]) == (None, None)
        arguments = db.execute("select arguments from app.jobs where id = %s", [answer["job_id"]]).fetchone()
        assert arguments is not None
        assert arguments[0]["session_ids"] == expected


def test_a_session_that_is_named_twice_is_exported_once(ask: Ask, sessions: list[str]) -> None:
    assert ask(session_ids=["day-7", "day-7", "day-8"])["sessions"] == 2


@pytest.mark.parametrize(
    ("wanted", "status", "said"),
    [
        ({}, 422, "session_ids or from and to are needed"),
        ({"session_ids": ["day-7"], **OCTOBER}, 422, "send one of them"),
        ({"session_ids": []}, 422, "length >= 1"),
        ({"session_ids": ["day-7"] * 1001}, 422, "length <= 1000"),
        ({"session_ids": "day-7"}, 422, "array"),
        ({"session_ids": [""]}, 422, "length >= 1"),
        ({"from": OCTOBER["from"]}, 422, "to is missing"),
        ({"to": OCTOBER["to"]}, 422, "from is missing"),
        ({"from": OCTOBER["to"], "to": OCTOBER["from"]}, 422, "to must be later than from"),
        ({"from": OCTOBER["from"], "to": OCTOBER["from"]}, 422, "to must be later than from"),
        ({"from": "2025-10-01T00:00:00", "to": OCTOBER["to"]}, 422, "time zone"),
        ({"from": "2015-10-01T00:00:00Z", "to": "2015-11-01T00:00:00Z"}, 404, "none of your sessions"),
        ({"session_ids": ["day-7", "missing"]}, 404, "no such session"),
        ({"session_ids": ["day-7"], "format": "docx"}, 400, "csv, json, zip, parquet, gpx"),
        ({"session_ids": ["day-7"], "colour": "red"}, 422, "colour"),
    ],
)
def test_wrong_requests_are_refused(
    ask: Ask, sessions: list[str], db: Db, wanted: Document, status: int, said: str
) -> None:
    assert said in str(ask(status, **wanted))
    assert value(db, "select count(*) from app.jobs") == 0


def test_more_sessions_than_a_job_takes_are_refused(ask: Ask, sessions: list[str], db: Db) -> None:
    db.execute(
        "insert into app.recording_sessions (user_id, session_id, start_time, device_key, change_no, created_at)"
        " select user_id, 'many-' || n, start_time, device_key, change_no, created_at"
        " from app.recording_sessions, generate_series(1, 998) as n where session_id = 'day-7'"
    )
    assert "more than 1000 sessions" in ask(413, **OCTOBER)["detail"]
    db.execute("delete from app.recording_sessions where session_id = 'many-1'")
    assert ask(**OCTOBER)["sessions"] == 1000


def test_waiting_exports_are_limited_as_other_jobs(
    client: Client, ask: Ask, sessions: list[str], settings: Settings
) -> None:
    client.app.state.settings = msgspec.structs.replace(settings, max_user_jobs=2)
    for _ in range(2):
        ask(session_ids=["day-7"])
    assert ask(429, session_ids=["day-7"])["type"] == "urn:koodtx:problem:too-many-requests"


def test_each_request_gives_a_new_link(client: Client, auth_headers: Document, exported: str) -> None:
    links = [client.get(exported, headers=auth_headers).json()["link"] for _ in range(2)]
    files = {client.get(link["url"]).content for link in links}
    assert len(files) == 1
    state = client.get(exported, headers=auth_headers).json()
    assert state["result"]["bytes"] == len(files.pop())
    assert (state["progress"], state["sessions"]) == (100, 3)


def test_strangers_get_neither_state_nor_link(
    client: Client, exported: str, create_user: Callable[..., Document], ask: Ask
) -> None:
    stranger = create_user("stranger")["headers"]
    missing = f"{URL}/00000000-0000-4000-8000-000000000000"
    replies = [client.get(url, headers=stranger) for url in (exported, missing)]
    assert [reply.status_code for reply in replies] == [404, 404]
    assert replies[0].json()["detail"] == replies[1].json()["detail"]
    assert ask(404, headers=stranger, session_ids=["day-7"])["detail"] == ask(404, session_ids=["missing"])["detail"]


def test_the_right_is_that_of_now(client: Client, auth_headers: Document, exported: str, db: Db) -> None:
    assert client.delete("/api/sessions/day-8", headers=auth_headers).status_code == 204
    reply = client.get(exported, headers=auth_headers)
    assert (reply.status_code, reply.json()["type"]) == (404, "urn:koodtx:problem:not-found")


def test_a_file_that_was_removed_has_no_link(client: Client, auth_headers: Document, exported: str, db: Db) -> None:
    url = client.get(exported, headers=auth_headers).json()["link"]["url"]
    db.execute("delete from app.stored_objects")
    state = client.get(exported, headers=auth_headers).json()
    assert (state["status"], state["link"]) == ("completed", None)
    assert client.get(url).status_code == 404


def test_other_jobs_are_no_exports(client: Client, auth_headers: Document, sessions: list[str]) -> None:
    question = {"kind": "calculate_session_metrics", "session_id": "day-7"}
    job_id = client.post("/api/v1/analysis", json=question, headers=auth_headers).json()["job_id"]
    assert client.get(f"{URL}/{job_id}", headers=auth_headers).status_code == 404


def test_an_export_is_a_job(client: Client, auth_headers: Document, exported: str) -> None:
    """Its result can be read and downloaded as that of any job."""
    job_id = exported.rpartition("/")[2]
    result = client.get(f"/api/v1/jobs/{job_id}/result", headers=auth_headers).json()
    assert (result["task"], result["result"]["sessions"]) == ("export", 3)
    for file_format in ("json", "csv", "zip"):
        url = f"/api/v1/analysis/{job_id}/download?format={file_format}"
        assert client.get(url, headers=auth_headers).status_code in (200, 404)


def test_a_session_that_is_deleted_before_the_job_runs_fails_it(
    client: Client, auth_headers: Document, ask: Ask, sessions: list[str], start_worker: StartWorker, db: Db
) -> None:
    job_id = ask(session_ids=sessions)["job_id"]
    client.delete("/api/sessions/day-8", headers=auth_headers)
    start_worker()
    wait_until(lambda: value(db, f"select status from app.jobs where id = '{job_id}'") == "failed", 60, "the end")
    assert "a session was deleted" in value(db, f"select error from app.jobs where id = '{job_id}'")
    assert value(db, "select count(*) from app.stored_objects") == 0
