"""cleanup_failed_sessions: sessions that nobody ended."""

import psycopg
import pytest

from koodtx.errors import Invalid
from tests.support.aliases import Client, Db, Document, Push, RunTask
from tests.support.clock import Clock
from tests.support.databases import value
from tests.support.readings import ENDED

pytestmark = [pytest.mark.integration, pytest.mark.tasks, pytest.mark.sync]

_TASK = "cleanup_failed_sessions"


def read(client: Client, headers: Document, session_id: str) -> Document:
    session: Document = client.get(f"/api/sessions/{session_id}", headers=headers).json()
    return session


def test_abandoned_session_ends_at_its_last_reading(
    push: Push, client: Client, auth_headers: Document, clock: Clock, run_task: RunTask
) -> None:
    push("abandoned", 10, notes="on the train")
    push("ended", 10, **ENDED)
    clock.move(0.9)
    push("active", 10)
    clock.move(0.2)
    before = read(client, auth_headers, "ended")

    foreseen = run_task(_TASK, dry_run=True)
    assert read(client, auth_headers, "abandoned")["is_active"] is True
    did = run_task(_TASK)

    assert (foreseen.session_count, did.session_count, did.rows_freed) == (1, 1, 0)
    closed = read(client, auth_headers, "abandoned")
    assert closed["end_time"].startswith("2025-10-09T08:53:20.09")
    assert (closed["is_active"], closed["is_uploaded"]) == (False, False)
    assert closed["notes"] == "on the train", "the user's notes are the user's"
    assert "closed_by_server_at" in closed
    assert "closed_by_server_at" not in before
    assert read(client, auth_headers, "active")["is_active"] is True
    assert read(client, auth_headers, "ended") == before


def test_devices_are_told_and_a_later_push_opens_it_again(
    push: Push, client: Client, auth_headers: Document, clock: Clock, run_task: RunTask
) -> None:
    push("abandoned", 10)
    first = client.post("/api/sync/pull", json={}, headers=auth_headers).json()
    clock.move(1.1)
    run_task(_TASK)

    pulled = client.post("/api/sync/pull", json={"cursor": first["cursor"]}, headers=auth_headers).json()
    assert [session["is_active"] for session in pulled["sessions"]] == [False]
    closed_at = read(client, auth_headers, "abandoned")["closed_by_server_at"]
    assert [session["closed_by_server_at"] for session in pulled["sessions"]] == [closed_at]

    push("abandoned", 10)
    assert read(client, auth_headers, "abandoned")["is_active"] is False, "nothing new came"
    push("abandoned", 20)

    session = read(client, auth_headers, "abandoned")
    assert (session["is_active"], session["end_time"], session["data_count"]) == (True, None, 20)
    pulled = client.post("/api/sync/pull", json={"cursor": pulled["cursor"]}, headers=auth_headers).json()
    for opened in (session, *pulled["sessions"]):
        assert opened["notes"] is None
        assert "closed_by_server_at" not in opened


def test_session_that_is_closed_again_and_again_keeps_its_notes(
    push: Push, client: Client, auth_headers: Document, clock: Clock, run_task: RunTask
) -> None:
    push("hike", 1, notes="with mum")
    for number in (2, 3, 4):
        clock.move(1.1)
        run_task(_TASK)
        assert "closed_by_server_at" in read(client, auth_headers, "hike")
        push("hike", number)
        session = read(client, auth_headers, "hike")
        assert (session["is_active"], session["notes"]) == (True, "with mum")
        assert "closed_by_server_at" not in session


def test_session_that_its_user_ended_after_all_was_not_closed_by_the_server(
    push: Push, client: Client, auth_headers: Document, clock: Clock, run_task: RunTask
) -> None:
    push("hike", 1)
    clock.move(1.1)
    run_task(_TASK)
    push("hike", 1, end_time="2025-10-09T09:00:00Z")
    session = read(client, auth_headers, "hike")
    assert session["end_time"] == "2025-10-09T09:00:00Z"
    assert "closed_by_server_at" not in session


def test_session_without_readings_ends_at_its_start(
    push: Push, client: Client, auth_headers: Document, clock: Clock, run_task: RunTask
) -> None:
    push("empty", 0)
    clock.move(1.1)

    run_task(_TASK)

    session = read(client, auth_headers, "empty")
    assert session["end_time"] == session["start_time"]


def test_session_does_not_end_before_it_starts(
    push: Push, client: Client, auth_headers: Document, clock: Clock, run_task: RunTask
) -> None:
    push("early readings", 5, start_time="2025-10-10T00:00:00Z")
    clock.move(1.1)

    run_task(_TASK)

    session = read(client, auth_headers, "early readings")
    assert session["end_time"] == session["start_time"]


def test_longest_notes_stay_as_long_as_a_client_may_make_them(
    push: Push, db: Db, clock: Clock, run_task: RunTask
) -> None:
    push("talkative", 1, notes="n" * 10_000)
    clock.move(1.1)

    run_task(_TASK)

    assert value(db, "select length(notes) from app.recording_sessions where end_time is not null") == 10_000


def test_session_that_is_being_pushed_to_stays_open(
    push: Push, db: Db, clock: Clock, run_task: RunTask, database_url: str
) -> None:
    push("busy", 1)
    clock.move(1.1)
    with psycopg.connect(database_url) as phone:
        phone.execute("select from app.recording_sessions for update")
        run = run_task(_TASK)

    assert run.session_count == 0
    assert value(db, "select end_time is null from app.recording_sessions") is True


def test_deleted_session_stays_as_it_is(
    push: Push, db: Db, client: Client, auth_headers: Document, clock: Clock, run_task: RunTask
) -> None:
    push("gone", 1)
    client.delete("/api/sessions/gone", headers=auth_headers)
    clock.move(2)

    assert run_task(_TASK).session_count == 0
    assert value(db, "select notes is null and end_time is null from app.recording_sessions") is True


@pytest.mark.parametrize("options", [{"hours": 0}, {"hours": -24}, {"hours": 10**9}, {"hours": "24"}, {"days": 1}])
def test_arguments_that_mean_nothing_are_refused(run_task: RunTask, options: Document) -> None:
    with pytest.raises(Invalid):
        run_task(_TASK, **options)
