"""Which earlier answers are used again: those of which no input has changed."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.support.aliases import Client, CreateSession, Db, Document
from tests.support.databases import value
from tests.support.processes import StartWorker
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.tasks, pytest.mark.api]

ABOUT = {"kind": "calculate_session_metrics", "session_id": "session-1"}
STATISTICS = {"kind": "generate_statistics", "start_date": "2025-10-10", "end_date": "2025-10-10"}

Ask = Callable[..., Document]


@pytest.fixture
def ask(client: Client, auth_headers: Document) -> Ask:
    """Asks a question; the reply."""

    def ask(**question: Any) -> Document:
        reply = client.post("/api/v1/analysis", json=question, headers=auth_headers)
        assert reply.status_code == 202, reply.text
        started: Document = reply.json()
        return started

    return ask


@pytest.fixture
def answer(client: Client, auth_headers: Document, ask: Ask, start_worker: StartWorker) -> Ask:
    """Asks a question and waits for what a worker finds; `reused` among it."""
    start_worker()

    def answer(**question: Any) -> Document:
        started = ask(**question)
        return {"reused": started.get("reused", False), **result_of(client, auth_headers, started["job_id"])}

    return answer


def result_of(client: Client, headers: Document, job_id: str) -> Document:
    def read() -> Any:
        reply = client.get(f"/api/v1/analysis/{job_id}/result", headers=headers).json()
        assert reply["error"] is None
        return reply["result"]

    wait_until(lambda: read() is not None, 30)
    found: Document = read()
    return found


def in_days(days: float) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


@pytest.mark.parametrize("question", [ABOUT, STATISTICS, {"kind": "generate_statistics"}, {"kind": "rhythm"}])
def test_question_for_later_and_one_for_now_are_two(ask: Ask, recording_session: Document, question: Document) -> None:
    month, week = in_days(30), in_days(7)

    later = ask(**question, run_at=month)
    now = ask(**question)
    other = ask(**question, run_at=week)

    assert len({job["job_id"] for job in (later, now, other)}) == 3
    assert not any("reused" in job for job in (later, now, other))
    assert ask(**question, run_at=month) == later | {"reused": True}
    assert ask(**question) == now | {"reused": True}


def test_question_for_later_is_one_for_now_when_it_has_been_answered(
    client: Client, auth_headers: Document, ask: Ask, db: Db, recording_session: Document, start_worker: StartWorker
) -> None:
    later = ask(**ABOUT, run_at=in_days(1))
    db.execute("update app.jobs set run_at = now()")
    start_worker()
    result_of(client, auth_headers, later["job_id"])

    assert ask(**ABOUT) == {"job_id": later["job_id"], "status": "completed", "reused": True}


def test_job_that_is_to_be_tried_again_still_answers(ask: Ask, db: Db, recording_session: Document) -> None:
    first = ask(**ABOUT)
    db.execute(
        "update app.jobs set attempt = 1, run_at = now() + interval '5 seconds', error = 'the database was away'"
    )

    assert ask(**ABOUT) == first | {"reused": True}


def test_statistics_of_another_zone_are_other_statistics(
    client: Client, auth_headers: Document, answer: Ask, create_session: CreateSession
) -> None:
    create_session(start_time="2025-10-09T23:30:00Z", end_time="2025-10-09T23:40:00Z")
    found = []
    for zone in ("UTC", "Asia/Seoul", "UTC"):
        client.patch("/api/auth/me", json={"timezone": zone}, headers=auth_headers)
        result = answer(**STATISTICS)
        found.append((result["total_sessions"], result["timezone"], result["reused"]))

    assert found == [(0, "UTC", False), (1, "Asia/Seoul", False), (0, "UTC", True)]


def test_answer_is_noted_for_the_zone_in_which_it_was_computed(
    client: Client, auth_headers: Document, ask: Ask, create_session: CreateSession, start_worker: StartWorker
) -> None:
    """Which may not be the one in which it was asked."""
    create_session(start_time="2025-10-09T23:30:00Z", end_time="2025-10-09T23:40:00Z")
    asked_in_utc = ask(**STATISTICS)
    client.patch("/api/auth/me", json={"timezone": "Asia/Seoul"}, headers=auth_headers)
    start_worker()
    assert result_of(client, auth_headers, asked_in_utc["job_id"])["timezone"] == "Asia/Seoul"

    assert ask(**STATISTICS)["job_id"] == asked_in_utc["job_id"]
    client.patch("/api/auth/me", json={"timezone": "UTC"}, headers=auth_headers)
    assert ask(**STATISTICS)["job_id"] != asked_in_utc["job_id"]


def test_zone_does_not_matter_to_a_session(
    client: Client, auth_headers: Document, ask: Ask, recording_session: Document
) -> None:
    first = ask(**ABOUT)
    client.patch("/api/auth/me", json={"timezone": "Asia/Seoul"}, headers=auth_headers)
    assert ask(**ABOUT) == first | {"reused": True}


def test_answer_of_another_version_of_the_analysis_is_not_used(
    answer: Ask, db: Db, create_session: CreateSession, gps_sensor_data: list[Document]
) -> None:
    create_session(gps_sensor_data)
    about = ABOUT | {"kind": "analyze_sensor_data"}
    text = value(db, "select pg_get_functiondef('analytics.haversine_m'::regproc)")
    first, again = answer(**about), answer(**about)
    db.execute(text.replace("6371008.8", "7000000.0"))
    changed = answer(**about)
    db.execute(text)
    changed_back = answer(**about)

    assert [found["reused"] for found in (first, again, changed, changed_back)] == [False, True, False, False]
    lengths = [found["distance"]["raw_m"] for found in (first, changed, changed_back)]
    assert lengths[1] == pytest.approx(lengths[0] * 7000000.0 / 6371008.8)
    assert lengths[2] == lengths[0]


@pytest.mark.parametrize(
    "change",
    [
        "do $$ begin execute pg_get_functiondef('app.stored_session_readings'::regproc); end $$",
        "do $$ begin execute pg_get_functiondef('analytics.column_moments'::regproc); end $$",
        "do $$ begin execute 'create or replace view app.stored_readings as ' ||"
        " pg_get_viewdef('app.stored_readings'::regclass); end $$",
        "create function analytics.new_one() returns integer language sql return 1",
        "alter function analytics.haversine_m set search_path = pg_catalog",
    ],
)
def test_every_change_of_functions_and_views_makes_another_version(
    ask: Ask, db: Db, recording_session: Document, change: str
) -> None:
    first = ask(**ABOUT)
    assert ask(**ABOUT)["job_id"] == first["job_id"]
    db.execute(change)  # type: ignore[call-overload]
    assert ask(**ABOUT)["job_id"] != first["job_id"]


def test_version_of_the_analysis_is_found_quickly(db: Db) -> None:
    plan = value(db, "explain (analyze, format json) select app.analysis_version()")
    assert plan[0]["Execution Time"] < 100


def test_equal_questions_at_once_are_one_job(ask: Ask, db: Db, recording_session: Document) -> None:
    for sensitivity in (2, 3, 4):
        with ThreadPoolExecutor(8) as threads:
            about = ABOUT | {"kind": "detect_anomalies", "sensitivity": sensitivity}
            found = list(threads.map(lambda _, about=about: ask(**about), range(8)))
        assert len({job["job_id"] for job in found}) == 1
        assert sum("reused" not in job for job in found) == 1
    with ThreadPoolExecutor(8) as threads:
        at = in_days(3)
        assert len({job["job_id"] for job in threads.map(lambda _: ask(**ABOUT, run_at=at), range(8))}) == 1
    assert value(db, "select count(*) from app.jobs") == 4


def test_answer_is_noted_for_the_state_that_was_read(
    client: Client, auth_headers: Document, ask: Ask, create_session: CreateSession,
    sensor_data_batch: list[Document], start_worker: StartWorker,
) -> None:  # fmt: skip
    create_session(sensor_data_batch[:50])
    first = ask(**ABOUT)
    create_session(sensor_data_batch, session_id="session-1")
    start_worker()
    assert result_of(client, auth_headers, first["job_id"])["record_count"] == 100

    assert ask(**ABOUT) == {"job_id": first["job_id"], "status": "completed", "reused": True}


def test_days_of_a_question_for_later_are_those_of_its_run(
    client: Client, auth_headers: Document, ask: Ask, db: Db, start_worker: StartWorker
) -> None:
    """It is asked where it is a day later than where it runs: there are 25 hours between."""
    client.patch("/api/auth/me", json={"timezone": "Pacific/Kiritimati"}, headers=auth_headers)
    jobs = {
        dates: ask(kind="generate_statistics", run_at=in_days(30), **dict(dates))["job_id"]
        for dates in ((), (("end_date", "2025-10-31"),), (("start_date", "2025-10-01"),))
    }
    assert value(db, "select arguments - 'user_id' from app.jobs where id = %s", jobs[()]) == {
        "start_date": None, "end_date": None,
    }  # fmt: skip
    client.patch("/api/auth/me", json={"timezone": "Pacific/Pago_Pago"}, headers=auth_headers)
    zone = ZoneInfo("Pacific/Pago_Pago")
    days = {datetime.now(zone).date()}
    db.execute("update app.jobs set run_at = now()")
    start_worker()

    found = [result_of(client, auth_headers, job) for job in jobs.values()]

    days.add(datetime.now(zone).date())
    periods = [(result["start_date"], result["end_date"]) for result in found]
    assert [result["timezone"] for result in found] == ["Pacific/Pago_Pago"] * 3
    assert periods[0] in [(str(day - timedelta(29)), str(day)) for day in days]
    assert periods[1] == ("2025-10-02", "2025-10-31")
    assert periods[2] in [("2025-10-01", str(day)) for day in days]


def test_scheduled_statistics_have_the_days_of_their_run(db: Db, user: Document, start_worker: StartWorker) -> None:
    user_id = user["user"]["id"]
    db.execute(
        "select app.enqueue_job('generate_statistics', 'batch', jsonb_build_object('user_id', %s::int))", [user_id]
    )
    days = {datetime.now(UTC).date()}
    start_worker()
    wait_until(lambda: value(db, "select status from app.jobs") == "completed", 30)
    days.add(datetime.now(UTC).date())

    result = value(db, "select result from app.jobs")
    assert (result["start_date"], result["end_date"]) in [(str(day - timedelta(29)), str(day)) for day in days]


def test_question_for_later_cannot_have_more_days_than_a_year(client: Client, auth_headers: Document) -> None:
    """Which days it has may be known only when it runs."""
    begin = (datetime.now(UTC) - timedelta(days=300)).date().isoformat()
    for days, status in ((30, 202), (90, 422)):
        question = {"kind": "mobility", "run_at": in_days(days), "start_date": begin}
        reply = client.post("/api/v1/analysis", json=question, headers=auth_headers)
        assert reply.status_code == status
    assert reply.json()["errors"][0]["field"] == "start_date"


@pytest.mark.parametrize("kind", ["mobility", "activity", "rhythm"])
def test_answers_about_a_user_are_used_again_until_something_changes(
    answer: Ask, client: Client, auth_headers: Document, create_session: CreateSession,
    sensor_data_batch: list[Document], kind: str,
) -> None:  # fmt: skip
    question = {"kind": kind, "start_date": "2025-10-09", "end_date": "2025-10-10"}
    first, again = answer(**question), answer(**question)
    create_session(sensor_data_batch)
    changed, other = answer(**question), answer(**question | {"end_date": "2025-10-09"})
    client.patch("/api/auth/me", json={"timezone": "Pacific/Apia"}, headers=auth_headers)
    moved = answer(**question)

    assert [found["reused"] for found in (first, again, changed, other, moved)] == [False, True, False, False, False]
    assert (first["timezone"], moved["timezone"]) == (changed["timezone"], "Pacific/Apia")
    assert (other["start_date"], other["end_date"]) == ("2025-10-09", "2025-10-09")


def test_question_for_later_cannot_begin_after_its_run(client: Client, auth_headers: Document) -> None:
    question = {"kind": "generate_statistics", "run_at": in_days(3), "start_date": in_days(6)[:10]}
    reply = client.post("/api/v1/analysis", json=question, headers=auth_headers)
    assert (reply.status_code, reply.json()["errors"][0]["field"]) == (422, "start_date")
