"""Questions: what is enqueued, what is reused, what is refused."""

from typing import Any

import psycopg
import pytest
from litestar import Litestar
from litestar.testing import TestClient

pytestmark = [pytest.mark.tasks, pytest.mark.api]

Client = TestClient[Litestar]
Headers = dict[str, str]
Document = dict[str, Any]


@pytest.fixture
def ask(client: Client, auth_headers: Headers) -> Any:
    """Asks a question; the reply."""

    def ask(**question: Any) -> Any:
        return client.post("/api/v1/analysis", json=question, headers=auth_headers)

    return ask


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


def test_same_question_about_a_changed_session_is_a_new_job(
    ask: Any, client: Client, auth_headers: Headers, recording_session: Document
) -> None:
    first = ask(kind="calculate_session_metrics", session_id="session-1").json()
    client.patch("/api/sessions/session-1", json={"notes": "seen"}, headers=auth_headers)

    assert ask(kind="calculate_session_metrics", session_id="session-1").json()["job_id"] != first["job_id"]


def test_statistics_are_about_the_last_thirty_days_by_default(
    ask: Any, user: Document, db: psycopg.Connection[Any]
) -> None:
    assert ask(kind="generate_statistics").status_code == 202

    days = "(arguments ->> 'end_date')::date - (arguments ->> 'start_date')::date"
    assert db.execute(f"select {days} from app.jobs").fetchone() == (29,)


@pytest.mark.parametrize(
    ("question", "status", "named"),
    [
        ({"kind": "analyze_sensor_data", "session_id": "unknown"}, 404, None),
        ({"kind": "analyze_sensor_data"}, 422, "session_id"),
        ({"kind": "generate_statistics", "session_id": "session-1"}, 422, "session_id"),
        ({"kind": "guess"}, 422, "kind"),
        ({"kind": "detect_anomalies", "session_id": "session-1", "sensitivity": 0}, 422, "sensitivity"),
        ({"kind": "detect_anomalies", "session_id": "session-1", "sensitivity": 1e300}, 422, "sensitivity"),
        ({"kind": "detect_anomalies", "session_id": "session-1", "mode": "magic"}, 422, "mode"),
        ({"kind": "detect_anomalies", "session_id": "session-1", "window_s": -1}, 422, "window_s"),
        ({"kind": "analyze_sensor_data", "session_id": "session-1", "accuracy_max_m": 0}, 422, "accuracy_max_m"),
        ({"kind": "generate_statistics", "start_date": "2026-02-02", "end_date": "2026-02-01"}, 422, "start_date"),
        ({"kind": "generate_statistics", "start_date": "yesterday"}, 422, "start_date"),
        ({"kind": "generate_statistics", "run_at": "9999-01-01T00:00:00Z"}, 422, "run_at"),
        ({"kind": "analyze_sensor_data", "session_id": "a\0b"}, 422, "session_id"),
    ],
)
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
    assert db.execute("select count(*) from app.jobs").fetchone() == (0,)


def test_not_a_number_is_no_json(client: Client, auth_headers: Headers, recording_session: Document) -> None:
    body = b'{"kind": "detect_anomalies", "session_id": "session-1", "sensitivity": NaN}'
    headers = auth_headers | {"Content-Type": "application/json"}

    assert client.post("/api/v1/analysis", content=body, headers=headers).status_code == 400


def test_session_of_somebody_else_is_none(client: Client, create_user: Any, recording_session: Document) -> None:
    stranger = create_user("stranger")
    question = {"kind": "analyze_sensor_data", "session_id": "session-1"}

    assert client.post("/api/v1/analysis", json=question, headers=stranger["headers"]).status_code == 404
