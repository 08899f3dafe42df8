"""Listing and reading sessions."""

from typing import Any

import pytest

from tests.support.aliases import Call, Db

pytestmark = [pytest.mark.api, pytest.mark.sync]


def ids(page: dict[str, Any]) -> list[str]:
    return [session["session_id"] for session in page["sessions"]]


def test_list_is_empty_without_sessions(ask: Call) -> None:
    assert ask("GET", "/") == {"sessions": [], "next": None}


def test_list_is_newest_first(ask: Call, create_session: Call) -> None:
    for _ in range(3):
        create_session()
    assert ids(ask("GET", "/")) == ["session-3", "session-2", "session-1"]


def test_list_works_without_the_trailing_slash(ask: Call, create_session: Call) -> None:
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


YEARS = ("2022", "2025", "2020", "2024", "2021", "2023")


def named_by_year(create_session: Call) -> None:
    """Sessions that arrive in another order than that in which they were recorded."""
    for year in YEARS:
        create_session(session_id=year, start_time=f"{year}-05-01T08:00:00Z")


@pytest.mark.parametrize("limit", [1, 2, 4, 6])
def test_list_is_by_start_and_not_by_arrival(ask: Call, create_session: Call, limit: int) -> None:
    named_by_year(create_session)
    found = ids(page := ask("GET", f"/?limit={limit}"))
    while page["next"] is not None:
        found += ids(page := ask("GET", f"/?limit={limit}&before={page['next']}"))
    assert found == sorted(YEARS, reverse=True)


def test_list_goes_on_after_sessions_that_were_deleted_or_came(ask: Call, create_session: Call) -> None:
    named_by_year(create_session)
    first = ask("GET", "/?limit=2")
    ask("DELETE", "/2024", status=204)
    ask("DELETE", "/2023", status=204)
    create_session(session_id="today", start_time="2026-05-01T08:00:00Z")
    create_session(session_id="import", start_time="2019-05-01T08:00:00Z")
    assert ids(first) == ["2025", "2024"]
    assert ids(ask("GET", f"/?limit=9&before={first['next']}")) == ["2022", "2021", "2020", "import"]


def test_list_reads_a_page_of_a_user_by_its_index(db: Db, create_session: Call) -> None:
    create_session()
    db.execute(
        "insert into app.recording_sessions (user_id, session_id, start_time)"
        " select user_id, n, timestamptz '2020-01-01' + make_interval(mins => n)"
        " from app.recording_sessions, generate_series(1, 20000) as n"
    )
    db.execute("analyze app.recording_sessions")
    [[plan]] = db.execute(
        "explain (format json) select * from app.list_sessions(1, null, '2020-01-05', 9999, 50)"
    ).fetchall()
    assert "recording_sessions_start_time_idx" in str(plan)
    assert "Sort" not in str(plan)


def test_list_pages_are_not_affected_by_new_sessions(ask: Call, create_session: Call) -> None:
    for _ in range(4):
        create_session()
    first = ask("GET", "/?limit=2")
    create_session()
    assert ids(ask("GET", f"/?limit=2&before={first['next']}")) == ["session-2", "session-1"]


def test_list_shows_no_sessions_of_other_users(ask: Call, create_session: Call, create_user: Call) -> None:
    create_session()
    assert ids(ask("GET", "/", headers=create_user("stranger")["headers"])) == []


def test_list_has_no_readings(ask: Call, recording_session: Any) -> None:
    assert "sensor_data" not in ask("GET", "/")["sessions"][0]


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=-1", "limit=a", "before=0", "before=a", "limit=1e9"])
def test_list_with_a_wrong_page_is_422(ask: Call, query: str) -> None:
    reply = ask("GET", f"/?{query}", status=422)
    assert [error["field"] for error in reply["errors"]] == [query.partition("=")[0]]


def test_read_returns_a_session(ask: Call, recording_session: dict[str, Any]) -> None:
    session = ask("GET", "/session-1")
    assert session["session_id"] == "session-1"
    assert session["data_count"] == 100
    assert session["sample_rate"] == 100
    assert session["enabled_sensors"] == ["accelerometer"]
    assert (session["is_active"], session["is_uploaded"]) == (True, False)
    assert session["first_reading_at"] == "2025-10-09T08:53:20Z"
    assert session["last_reading_at"] == "2025-10-09T08:53:20.990000Z"
    assert session["updated_at"] == recording_session["server_timestamp"]


def test_read_returns_the_units_that_were_declared(ask: Call, create_session: Call) -> None:
    create_session(units={"accelerometer": "g", "watch": "m/s2"})
    create_session()
    assert ask("GET", "/session-1")["units"] == {"accelerometer": "g", "watch": "m/s2"}
    assert "units" not in ask("GET", "/session-2")


def test_read_shows_that_a_session_has_ended(ask: Call, completed_session: dict[str, Any]) -> None:
    session = ask("GET", "/session-1")
    assert (session["is_active"], session["is_uploaded"]) == (False, True)
    assert session["end_time"] == "2025-10-09T09:00:00Z"


@pytest.mark.parametrize(
    ("session_id", "path"),
    [("a b", "/a%20b"), ("a/b", "/a%2Fb"), ("..", "/%2E%2E"), ("산책", "/%EC%82%B0%EC%B1%85"), ("a?b#c", "/a%3Fb%23c"),
     ("100%", "/100%25"),
     ("a+b", "/a+b"), ("a\nb", "/a%0Ab"), ("'; --", "/'%3B%20--"), ("\U0001f6b6", "/%F0%9F%9A%B6")],
)  # fmt: skip
def test_read_finds_every_id_that_a_push_accepted(ask: Call, create_session: Call, session_id: str, path: str) -> None:
    create_session(session_id=session_id)
    assert ask("GET", path)["session_id"] == session_id


def test_read_missing_session_is_404(ask: Call) -> None:
    assert ask("GET", "/missing", status=404)["type"] == "urn:koodtx:problem:not-found"


def test_session_of_another_user_looks_missing(ask: Call, recording_session: Any, create_user: Call) -> None:
    stranger = create_user("stranger")["headers"]
    theirs = ask("GET", "/session-1", headers=stranger, status=404)
    missing = ask("GET", "/missing", headers=stranger, status=404)
    assert theirs | {"request_id": ""} == missing | {"request_id": ""}
