"""Listing and reading sessions."""

from typing import Any

import pytest

from tests.support.aliases import Call

pytestmark = [pytest.mark.api, pytest.mark.sync]


def ids(page: dict[str, Any]) -> list[str]:
    return [session["session_id"] for session in page["sessions"]]


def test_list_is_empty_without_sessions(ask: Call) -> None:
    assert ask("GET", "/") == {"sessions": [], "next": None}


def test_list_is_newest_first(ask: Call, create_session: Call) -> None:
    for _ in range(3):
        create_session()
    assert ids(ask("GET", "/")) == ["session-3", "session-2", "session-1"]


def test_list_answers_without_the_last_slash(ask: Call, create_session: Call) -> None:
    create_session()
    assert ask("GET", "") == ask("GET", "/")


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 6])
def test_list_pages_together_give_every_session_once(ask: Call, create_session: Call, limit: int) -> None:
    for _ in range(5):
        create_session()
    found: list[str] = []
    page = ask("GET", f"/?limit={limit}")
    while True:
        found += ids(page)
        if page["next"] is None:
            break
        page = ask("GET", f"/?limit={limit}&before={page['next']}")
    assert found == [f"session-{number}" for number in (5, 4, 3, 2, 1)]


def test_list_pages_are_not_disturbed_by_new_sessions(ask: Call, create_session: Call) -> None:
    for _ in range(4):
        create_session()
    first = ask("GET", "/?limit=2")
    create_session()
    assert ids(ask("GET", f"/?limit=2&before={first['next']}")) == ["session-2", "session-1"]


def test_list_shows_nothing_of_others(ask: Call, create_session: Call, create_user: Call) -> None:
    create_session()
    assert ids(ask("GET", "/", headers=create_user("stranger")["headers"])) == []


def test_list_has_no_readings(ask: Call, recording_session: Any) -> None:
    assert "sensor_data" not in ask("GET", "/")["sessions"][0]


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=-1", "limit=a", "before=0", "before=a", "limit=1e9"])
def test_list_with_a_wrong_page_is_422(ask: Call, query: str) -> None:
    reply = ask("GET", f"/?{query}", status=422)
    assert [error["field"] for error in reply["errors"]] == [query.partition("=")[0]]


def test_read_tells_of_a_session(ask: Call, recording_session: dict[str, Any]) -> None:
    session = ask("GET", "/session-1")
    assert session["session_id"] == "session-1"
    assert session["data_count"] == 100
    assert session["sample_rate"] == 100
    assert session["enabled_sensors"] == ["accelerometer"]
    assert (session["is_active"], session["is_uploaded"]) == (True, False)
    assert session["first_reading_at"] == "2025-10-09T08:53:20Z"
    assert session["last_reading_at"] == "2025-10-09T08:53:20.990000Z"
    assert session["updated_at"] == recording_session["server_timestamp"]


def test_read_tells_that_a_session_has_ended(ask: Call, completed_session: dict[str, Any]) -> None:
    session = ask("GET", "/session-1")
    assert (session["is_active"], session["is_uploaded"]) == (False, True)
    assert session["end_time"] == "2025-10-09T09:00:00Z"


@pytest.mark.parametrize(
    ("session_id", "path"),
    [("a b", "/a%20b"), ("a/b", "/a%2Fb"), ("..", "/%2E%2E"), ("산책", "/%EC%82%B0%EC%B1%85"), ("a?b#c", "/a%3Fb%23c"),
     ("100%", "/100%25"),
     ("a+b", "/a+b"), ("a\nb", "/a%0Ab"), ("'; --", "/'%3B%20--"), ("\U0001f6b6", "/%F0%9F%9A%B6")],
)  # fmt: skip
def test_read_finds_any_id_that_a_push_took(ask: Call, create_session: Call, session_id: str, path: str) -> None:
    create_session(session_id=session_id)
    assert ask("GET", path)["session_id"] == session_id


def test_read_missing_session_is_404(ask: Call) -> None:
    assert ask("GET", "/missing", status=404)["type"] == "urn:koodtx:problem:not-found"


def test_read_session_of_another_is_as_if_it_were_missing(ask: Call, recording_session: Any, create_user: Call) -> None:
    stranger = create_user("stranger")["headers"]
    theirs = ask("GET", "/session-1", headers=stranger, status=404)
    missing = ask("GET", "/missing", headers=stranger, status=404)
    assert theirs | {"request_id": ""} == missing | {"request_id": ""}
