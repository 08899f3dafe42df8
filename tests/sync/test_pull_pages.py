"""Pages by number, with last_sync_time."""

from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.support.aliases import Call

pytestmark = [pytest.mark.api, pytest.mark.sync]


@pytest.fixture
def five_sessions(push: Call, reading: Any) -> list[str]:
    names = [f"session {number}" for number in range(5)]
    for name in names:
        push([reading(0)], name)
    return names


def ids(reply: dict[str, Any]) -> list[str]:
    return [session["session_id"] for session in reply["sessions"]]


def test_pages_together_give_every_session_once(pull: Call, five_sessions: list[str]) -> None:
    pages = [pull(page=number, page_size=2) for number in (1, 2, 3)]
    assert [name for page in pages for name in ids(page)] == five_sessions
    assert [page["has_more"] for page in pages] == [True, True, False]
    assert [page["page"] for page in pages] == [1, 2, 3]
    assert {(page["total"], page["page_size"]) for page in pages} == {(5, 2)}


def test_page_that_ends_with_the_last_session_has_no_more(pull: Call, five_sessions: list[str]) -> None:
    assert pull(page_size=5)["has_more"] is False
    assert pull(page_size=4)["has_more"] is True


def test_page_beyond_the_end_is_empty(pull: Call, five_sessions: list[str]) -> None:
    reply = pull(page=4, page_size=2)
    assert (ids(reply), reply["has_more"]) == ([], False)


def test_pages_repeat_the_first_ones_server_timestamp(pull: Call, push: Call, five_sessions: list[str]) -> None:
    first = pull(page_size=2)
    push(session_id="session 0", notes="changed meanwhile")
    second = pull(page=2, page_size=2)
    third = pull(page=3, page_size=2)
    assert first["server_timestamp"] == second["server_timestamp"] == third["server_timestamp"]
    assert ids(pull(last_sync_time=third["server_timestamp"])) == ["session 0"]


def test_pages_after_a_time_repeat_the_first_ones_server_timestamp(
    pull: Call, push: Call, five_sessions: list[str]
) -> None:
    since = pull()["server_timestamp"]
    for name in five_sessions[:3]:
        push(session_id=name, notes="changed")
    first = pull(last_sync_time=since, page_size=2)
    push(session_id="session 0", notes="changed meanwhile")
    second = pull(last_sync_time=since, page=2, page_size=2)
    assert (ids(first), ids(second)) == (["session 0", "session 1"], ["session 2"])
    assert second["server_timestamp"] == first["server_timestamp"]


def test_pages_of_a_pull_are_not_disturbed_by_another_pull_of_the_device(
    pull: Call, push: Call, five_sessions: list[str]
) -> None:
    first = pull(page_size=2)
    push(session_id="session 0", notes="changed meanwhile")
    pull(session_ids=["session 4"])
    second = pull(page=2, page_size=2)
    assert second["server_timestamp"] <= first["server_timestamp"]


def test_pages_without_a_first_one_give_a_time_that_misses_nothing(
    pull: Call, push: Call, five_sessions: list[str]
) -> None:
    kept = pull(page=2, page_size=2)["server_timestamp"]
    assert ids(pull(last_sync_time=kept)) == five_sessions


def test_pages_keep_the_place_of_a_deleted_session(
    pull: Call, client: TestClient[Litestar], auth_headers: dict[str, str], five_sessions: list[str]
) -> None:
    first = pull(page_size=2)
    client.delete("/api/sessions/session%200", headers=auth_headers)
    second = pull(page=2, page_size=2)
    assert (ids(first), ids(second)) == (five_sessions[:2], five_sessions[2:4])


@pytest.mark.parametrize("page_size", [0, 101, -1, "many", 1.5, None, 10**30])
def test_page_size_outside_1_to_100_is_422(pull: Call, page_size: Any) -> None:
    assert [error["field"] for error in pull(page_size=page_size, status=422)["errors"]] == ["page_size"]


@pytest.mark.parametrize("page_size", [1, 100])
def test_page_size_1_and_100_are_taken(pull: Call, page_size: int) -> None:
    assert pull(page_size=page_size)["page_size"] == page_size


@pytest.mark.parametrize("page", [0, -1, 10**30, "one", None])
def test_page_that_is_none_is_422(pull: Call, page: Any) -> None:
    assert [error["field"] for error in pull(page=page, status=422)["errors"]] == ["page"]


@pytest.mark.parametrize("max_readings", [0, 200_001, -1])
def test_max_readings_outside_1_to_200_000_is_422(pull: Call, max_readings: int) -> None:
    reply = pull(cursor=None, max_readings=max_readings, status=422)
    assert [error["field"] for error in reply["errors"]] == ["max_readings"]
