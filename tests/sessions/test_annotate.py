"""Changing the notes of a session."""

from typing import Any

import psycopg
import pytest

from tests.support.aliases import Call

pytestmark = [pytest.mark.api, pytest.mark.sync]


def test_notes_are_changed(ask: Call, recording_session: Any) -> None:
    assert ask("PATCH", "/session-1", json={"notes": "round the lake"})["notes"] == "round the lake"
    assert ask("GET", "/session-1")["notes"] == "round the lake"


@pytest.mark.parametrize("notes", [None, "", "  ", '줄\n바꿈 \U0001f6b6 "quoted" \\ \'', "n" * 10_000])
def test_notes_are_read_back_as_they_were_written(ask: Call, recording_session: Any, notes: str | None) -> None:
    ask("PATCH", "/session-1", json={"notes": notes})
    assert ask("GET", "/session-1")["notes"] == notes


def test_notes_reach_other_devices_by_pull(ask: Call, pull: Call, create_session: Call) -> None:
    create_session()
    create_session()
    cursor = pull(cursor=None)["cursor"]
    ask("PATCH", "/session-1", json={"notes": "changed"})
    (session,) = pull(cursor=cursor)["sessions"]
    assert (session["session_id"], session["notes"], session["sensor_data"]) == ("session-1", "changed", [])


def test_notes_unchanged_reach_nobody(ask: Call, pull: Call, create_session: Call) -> None:
    create_session(notes="same")
    cursor = pull(cursor=None)["cursor"]
    ask("PATCH", "/session-1", json={"notes": "same"})
    assert pull(cursor=cursor)["sessions"] == []


def test_notes_change_nothing_else(ask: Call, completed_session: Any) -> None:
    before = ask("GET", "/session-1")
    after = ask("PATCH", "/session-1", json={"notes": "x", "data_count": 7, "session_id": "other", "is_active": True})
    assert after == before | {"notes": "x", "updated_at": after["updated_at"]}


@pytest.mark.parametrize("body", [{}, {"notes": "n" * 10_001}, {"notes": "a\0b"}, {"notes": []}, [], None])
def test_notes_that_are_none_are_422(ask: Call, recording_session: Any, body: Any) -> None:
    assert ask("PATCH", "/session-1", json=body, status=422)["type"] == "urn:koodtx:problem:invalid"


def test_notes_of_a_missing_session_are_404(ask: Call) -> None:
    ask("PATCH", "/missing", json={"notes": "x"}, status=404)


def test_notes_of_a_deleted_session_are_404(ask: Call, recording_session: Any) -> None:
    ask("DELETE", "/session-1", status=204)
    ask("PATCH", "/session-1", json={"notes": "x"}, status=404)


def test_notes_of_anothers_session_are_404_and_stay(
    ask: Call, recording_session: Any, create_user: Call, db: psycopg.Connection[Any]
) -> None:
    stranger = create_user("stranger")["headers"]
    theirs = ask("PATCH", "/session-1", json={"notes": "x"}, headers=stranger, status=404)
    missing = ask("PATCH", "/missing", json={"notes": "x"}, headers=stranger, status=404)
    assert theirs | {"request_id": ""} == missing | {"request_id": ""}
    assert db.execute("select notes from app.recording_sessions").fetchone() == (None,)
