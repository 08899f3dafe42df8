"""Questions: what is enqueued, what is reused, what is refused."""

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from koodtx.settings import Settings
from tests.support.aliases import Client, Document
from tests.support.settings import make_settings

pytestmark = [pytest.mark.tasks, pytest.mark.api]

Headers = dict[str, str]


@pytest.fixture
def ask(client: Client, auth_headers: Headers) -> Any:
    """Asks a question; the reply."""

    def ask(**question: Any) -> Any:
        return client.post("/api/v1/analysis", json=question, headers=auth_headers)

    return ask


@pytest.fixture
def settings(request: pytest.FixtureRequest, database_url: str, redis_url: str) -> Settings:
    """With what a test asks for by `@pytest.mark.parametrize("settings", [...], indirect=True)`."""
    return make_settings(database_url, redis_url=redis_url, **getattr(request, "param", {}))


@pytest.mark.parametrize("kind", ["analyze_sensor_data", "detect_anomalies", "calculate_session_metrics"])
def test_question_about_a_session_is_enqueued(ask: Any, recording_session: Document, kind: str) -> None:
    reply = ask(kind=kind, session_id="session-1")

    assert reply.status_code == 202
    assert reply.json()["status"] == "queued"
    assert "reused" not in reply.json()


def test_same_question_is_the_same_job(ask: Any, recording_session: Document) -> None:
    first = ask(kind="detect_anomalies", session_id="session-1", sensitivity=3).json()
    again = ask(kind="detect_anomalies", session_id="session-1").json()
    other = ask(kind="detect_anomalies", session_id="session-1", sensitivity=2.5).json()

    assert again == first | {"reused": True}
    assert other["job_id"] != first["job_id"]


@pytest.mark.parametrize("settings", [{"max_user_jobs": 2}], indirect=True)
def test_so_many_may_wait_and_no_more(ask: Any, recording_session: Document, db: psycopg.Connection[Any]) -> None:
    replies = [ask(kind="detect_anomalies", session_id="session-1", sensitivity=number) for number in (1, 2, 3)]
    known = ask(kind="detect_anomalies", session_id="session-1", sensitivity=2)
    db.execute("update app.jobs set status = 'completed'")
    later = ask(kind="detect_anomalies", session_id="session-1", sensitivity=3)

    assert [reply.status_code for reply in replies] == [202, 202, 429]
    assert replies[2].headers["Retry-After"] == "60"
    assert (known.status_code, later.status_code) == (202, 202)


def test_same_question_about_a_changed_session_is_a_new_job(
    ask: Any, client: Client, auth_headers: Headers, recording_session: Document
) -> None:
    first = ask(kind="calculate_session_metrics", session_id="session-1").json()
    client.patch("/api/sessions/session-1", json={"notes": "seen"}, headers=auth_headers)

    assert ask(kind="calculate_session_metrics", session_id="session-1").json()["job_id"] != first["job_id"]


@pytest.mark.parametrize("kind", ["generate_statistics", "mobility", "activity", "rhythm"])
def test_questions_about_a_user_are_about_the_last_thirty_days_by_default(
    ask: Any, user: Document, db: psycopg.Connection[Any], kind: str
) -> None:
    assert ask(kind=kind).status_code == 202

    days = "(arguments ->> 'end_date')::date - (arguments ->> 'start_date')::date"
    assert db.execute(f"select {days} from app.jobs").fetchone() == (29,)


@pytest.mark.parametrize(
    ("question", "arguments"),
    [
        ({"kind": "mobility"}, {"accuracy_max_m": 20.0}),
        ({"kind": "mobility", "accuracy_max_m": 5}, {"accuracy_max_m": 5.0}),
        ({"kind": "activity"}, {"sensor": "accelerometer"}),
        ({"kind": "activity", "sensor": "watch", "axis": "magnitude"}, {"sensor": "watch"}),
        ({"kind": "rhythm"}, {"sensor": "accelerometer", "axis": "magnitude"}),
        ({"kind": "rhythm", "sensor": "watch", "axis": "heart_rate"}, {"sensor": "watch", "axis": "heart_rate"}),
    ],
)
def test_a_question_has_the_arguments_of_its_kind_only(
    ask: Any, user: Document, db: psycopg.Connection[Any], question: Document, arguments: Document
) -> None:
    days = {"start_date": "2025-10-01", "end_date": "2026-10-01"}
    assert ask(**question | days).status_code == 202
    [[found]] = db.execute("select arguments from app.jobs").fetchall()
    assert found == days | arguments | {"user_id": user["user"]["id"]}


ABOUT = {"kind": "detect_anomalies", "session_id": "session-1"}
DAYS = {"kind": "generate_statistics"}
LONG = {"start_date": "2025-10-01", "end_date": "2026-10-02"}


@pytest.mark.parametrize(
    ("question", "status", "named"),
    [
        (ABOUT | {"session_id": "unknown"}, 404, None),
        ({"kind": "analyze_sensor_data"}, 422, "session_id"),
        (DAYS | {"session_id": "session-1"}, 422, "session_id"),
        (ABOUT | {"session_id": ""}, 422, "session_id"),
        (ABOUT | {"session_id": "a" * 65}, 422, "session_id"),
        (ABOUT | {"session_id": "a\0b"}, 422, "session_id"),
        (ABOUT | {"session_id": 1}, 422, "session_id"),
        ({"kind": "guess"}, 422, "kind"),
        ({"session_id": "session-1"}, 422, "kind"),
        *[(ABOUT | {"sensitivity": value}, 422, "sensitivity") for value in (0, -3, 1e-7, 1001, 1e300, "three", None)],
        (ABOUT | {"mode": "magic"}, 422, "mode"),
        *[(ABOUT | {"window_s": value}, 422, "window_s") for value in (-1, 0, 1e-9, 86_401, 10**30)],
        *[(ABOUT | {"accuracy_max_m": value}, 422, "accuracy_max_m") for value in (0, -1, 1e6)],
        (DAYS | {"start_date": "2026-02-02", "end_date": "2026-02-01"}, 422, "start_date"),
        *[
            (DAYS | {field: day}, 422, field)
            for field in ("start_date", "end_date")
            for day in ("yesterday", "0001-01-01", "0000-01-01", "9999-12-31", "1969-12-31", "2025-02-29", 20250101,
                        "2025-10-09T08:53:20Z", "10000-01-01", "infinity")
        ],
        (DAYS | {"start_date": "9999-12-31", "end_date": "9999-12-31"}, 422, "start_date"),
        *[({"kind": kind} | LONG, 422, "start_date") for kind in ("mobility", "activity", "rhythm")],
        ({"kind": "mobility", "start_date": "2020-01-01"}, 422, "start_date"),
        ({"kind": "mobility", "session_id": "session-1"}, 422, "session_id"),
        ({"kind": "mobility", "accuracy_max_m": 0}, 422, "accuracy_max_m"),
        # What the kind has no use for would change nothing.
        *[
            ({"kind": kind, field: value}, 422, field)
            for field, value in (("axis", "x"), ("sensitivity", 2), ("mode", "robust"), ("window_s", 5))
            for kind in ("generate_statistics", "mobility", "activity")
        ],
        *[({"kind": kind, "sensor": "watch"}, 422, "sensor") for kind in ("generate_statistics", "mobility")],
        *[({"kind": kind, "accuracy_max_m": 5}, 422, "accuracy_max_m") for kind in ("activity", "rhythm")],
        *[(ABOUT | {field: "2025-10-09"}, 422, field) for field in ("start_date", "end_date")],
        (ABOUT | {"kind": "calculate_session_metrics", "sensitivity": 2}, 422, "sensitivity"),
        *[
            ({"kind": kind, "timezone": "Asia/Seoul"}, 422, "timezone")
            for kind in ("generate_statistics", "mobility", "activity", "rhythm")
        ],
        *[
            ({"kind": "rhythm", field: name}, 422, field)
            for field in ("sensor", "axis") for name in ("", "a" * 65, "a\0b", 1, None)
        ],
        *[
            (DAYS | {"run_at": time}, 422, "run_at")
            for time in ("9999-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00",
                         "1970-01-01T00:00:00Z", "2025-10-09T08:53:20", "2025-10-09", "tomorrow", "now", "infinity",
                         "2025-02-29T00:00:00Z", 9_999_999_999, 1e300, "", [])
        ],
    ],
)  # fmt: skip
def test_wrong_question_is_refused_and_nothing_is_enqueued(
    ask: Any,
    recording_session: Document,
    db: psycopg.Connection[Any],
    question: Document,
    status: int,
    named: str | None,
) -> None:
    reply = ask(**question)

    assert reply.status_code == status
    assert [error["field"] for error in reply.json()["errors"]] == ([named] if named else [])
    assert jobs(db) == 0


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "1" + "0" * 400, "01", "0x1"])
def test_no_number_of_json_is_refused_and_nothing_is_enqueued(
    client: Client, auth_headers: Headers, recording_session: Document, db: psycopg.Connection[Any], number: str
) -> None:
    headers = auth_headers | {"Content-Type": "application/json"}
    for field in ("sensitivity", "window_s", "accuracy_max_m"):
        body = f'{{"kind": "detect_anomalies", "session_id": "session-1", "{field}": {number}}}'
        assert client.post("/api/v1/analysis", content=body, headers=headers).status_code in (400, 422), field
    assert jobs(db) == 0


def test_time_that_has_just_passed_means_now(ask: Any, user: Document, db: psycopg.Connection[Any]) -> None:
    """So a wrong clock does no harm, and nobody gets ahead in the queue."""
    an_hour_ago = (datetime.now(UTC) - timedelta(hours=1)).isoformat()

    assert ask(kind="generate_statistics", run_at=an_hour_ago).status_code == 202

    assert db.execute("select run_at > now() - interval '1 minute' from app.jobs").fetchone() == (True,)


def test_job_at_a_time_waits_for_it(ask: Any, user: Document, db: psycopg.Connection[Any]) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)

    assert ask(kind="generate_statistics", run_at=tomorrow.isoformat()).status_code == 202

    assert db.execute("select run_at from app.jobs").fetchone() == (tomorrow,)


def jobs(db: psycopg.Connection[Any]) -> int:
    [[count]] = db.execute("select count(*) from app.jobs").fetchall()
    return int(count)


def test_session_of_somebody_else_is_answered_as_one_that_is_not_there(
    client: Client, create_user: Any, recording_session: Document, db: psycopg.Connection[Any]
) -> None:
    stranger = create_user("stranger")
    replies = [
        client.post("/api/v1/analysis", json=ABOUT | {"session_id": name}, headers=stranger["headers"]).json()
        for name in ("session-1", "missing")
    ]

    assert [reply["status"] for reply in replies] == [404, 404]
    assert replies[0] | {"request_id": ""} == replies[1] | {"request_id": ""}
    assert jobs(db) == 0


def test_deleted_session_is_not_there(
    ask: Any, client: Client, auth_headers: Headers, recording_session: Document, db: psycopg.Connection[Any]
) -> None:
    client.delete("/api/sessions/session-1", headers=auth_headers)

    assert ask(**ABOUT).status_code == 404
    assert db.execute("select task from app.jobs").fetchall() == [("erase_deleted_sessions",)]
