"""A session does not end before it starts, whichever of both is sent when."""

from itertools import pairwise, permutations
from typing import Any

import pytest

from tests.support.aliases import Call, Client, Db

pytestmark = [pytest.mark.api, pytest.mark.sync]

EARLY, MIDDLE, LATE = "2025-10-09T08:00:00Z", "2025-10-09T09:00:00Z", "2025-10-09T10:00:00Z"


@pytest.fixture
def read(client: Client, auth_headers: dict[str, str]) -> Call:
    return lambda: client.get("/api/sessions/walk", headers=auth_headers).json()


def assert_refused(reply: Any) -> None:
    assert reply["type"] == "urn:koodtx:problem:invalid"
    assert reply["errors"] == [{"field": "session.end_time", "message": "is before session.start_time"}]


def test_both_in_one_push(push: Call, db: Db) -> None:
    assert_refused(push(start_time=MIDDLE, end_time=EARLY, status=422))
    assert db.execute("select count(*) from app.recording_sessions").fetchone() == (0,)


def test_an_end_that_comes_later(push: Call, reading: Any, read: Call) -> None:
    push([reading()], start_time=MIDDLE)
    assert_refused(push([reading(10)], start_time=MIDDLE, end_time=EARLY, status=422))
    assert (read()["end_time"], read()["data_count"]) == (None, 1)


def test_a_start_that_comes_later(push: Call, reading: Any, read: Call) -> None:
    push([reading()], start_time=EARLY, end_time=MIDDLE)
    assert_refused(push([reading(10)], start_time=LATE, status=422))
    assert read()["start_time"] == EARLY


@pytest.mark.parametrize(("start", "end"), [(EARLY, LATE), (MIDDLE, LATE), (LATE, LATE), (EARLY, None)])
def test_other_changes_are_taken(push: Call, read: Call, start: str, end: str | None) -> None:
    push(start_time=EARLY, end_time=MIDDLE)
    push(start_time=start, end_time=end)
    assert (read()["start_time"], read()["end_time"]) == (start, end)


@pytest.mark.parametrize("start", [1_760_000_000_001, "2025-10-09T17:53:20.001+09:00"])
def test_a_millisecond_in_any_form(push: Call, start: Any) -> None:
    assert_refused(push(start_time=start, end_time=1_760_000_000_000, status=422))
    push(start_time=start, end_time=1_760_000_000_001)


def test_any_order_of_pushes_ends_in_order(push: Call, read: Call) -> None:
    push(start_time=EARLY)
    for times in permutations([EARLY, MIDDLE, LATE]):
        for start, end in pairwise(times):
            push(start_time=start, end_time=end, status=200 if start <= end else 422)
            session = read()
            assert session["end_time"] is None or session["start_time"] <= session["end_time"]
        push(start_time=EARLY, end_time=None)


def test_a_session_stored_that_way_before_can_still_be_pushed(push: Call, reading: Any, db: Db, read: Call) -> None:
    push([reading()], start_time=MIDDLE)
    db.execute("update app.recording_sessions set end_time = %s", [EARLY])
    assert push([reading(10)], start_time=MIDDLE)["inserted"] == 1
    assert push([reading(20)], start_time=MIDDLE, end_time=EARLY)["inserted"] == 1
    assert_refused(push([reading(30)], start_time=LATE, status=422))
    push([reading(30)], start_time=MIDDLE, end_time=LATE)
    assert read()["end_time"] == LATE


def test_an_end_by_the_server_does_not_hold_up_a_later_start(push: Call, reading: Any, db: Db, read: Call) -> None:
    push(start_time=EARLY)
    db.execute("update app.recording_sessions set end_time = start_time, closed_by_server_at = now()")
    push(start_time=LATE)
    assert (read()["start_time"], read()["end_time"]) == (LATE, LATE)
    assert push([reading()], start_time=LATE)["inserted"] == 1
    assert read()["is_active"] is True
