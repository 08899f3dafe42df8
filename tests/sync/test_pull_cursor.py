"""Pages by cursor."""

from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from koodtx.database.sync_epoch import renew
from koodtx.settings import Settings
from koodtx.sync.errors import CursorInvalid
from koodtx.sync.pull import cursor as cursors
from koodtx.sync.pull.cursor import After, Cursor
from tests.support.aliases import Call

pytestmark = [pytest.mark.api, pytest.mark.sync]


def ids(reply: dict[str, Any]) -> list[str]:
    return [session["session_id"] for session in reply["sessions"]]


def pull_all(pull: Call, cursor: str | None = None, **members: Any) -> tuple[list[dict[str, Any]], str]:
    """Pages until there is no more, and the cursor of the last."""
    pages = [pull(cursor=cursor, **members)]
    while pages[-1]["has_more"]:
        assert len(pages) < 1000
        pages.append(pull(cursor=pages[-1]["cursor"], **members))
    return pages, pages[-1]["cursor"]


def test_cursor_gives_what_changed_since(push: Call, pull: Call, reading: Any) -> None:
    push([reading(0)], "old")
    cursor = pull(cursor=None)["cursor"]
    push([reading(0)], "new")
    reply = pull(cursor=cursor)
    assert ids(reply) == ["new"]
    assert ids(pull(cursor=reply["cursor"])) == []


def test_cursor_of_the_simple_form_goes_on_too(push: Call, pull: Call, reading: Any) -> None:
    push([reading(0)], "old")
    cursor = pull()["cursor"]
    push([reading(0)], "new")
    assert ids(pull(cursor=cursor)) == ["new"]


@pytest.mark.parametrize("page_size", [1, 2, 5])
def test_a_client_that_cannot_send_null_begins_without_a_cursor(
    push: Call, pull: Call, reading: Any, page_size: int
) -> None:
    names = [f"session {number}" for number in range(5)]
    for name in names:
        push([reading(0), reading(10)], name)
    pages = [pull(page_size=page_size)]
    while pages[-1]["has_more"]:
        pages.append(pull(cursor=pages[-1]["cursor"], page_size=page_size))
    assert [name for page in pages for name in ids(page)] == names
    assert all(len(session["sensor_data"]) == 2 for page in pages for session in page["sessions"])


@pytest.mark.parametrize("page_size", [1, 2, 3, 5])
def test_cursor_pages_together_give_every_session_once(push: Call, pull: Call, reading: Any, page_size: int) -> None:
    names = [f"session {number}" for number in range(5)]
    for name in names:
        push([reading(0)], name)
    pages, _ = pull_all(pull, page_size=page_size)
    assert [name for page in pages for name in ids(page)] == names
    assert len(pages) == -(-5 // page_size)


@pytest.mark.parametrize("max_readings", [1, 2, 3, 7, 50])
def test_cursor_pages_split_sessions_and_give_every_reading_once(
    push: Call, pull: Call, reading: Any, max_readings: int
) -> None:
    for name in ("one", "two", "three"):
        push([reading(index, sensor) for sensor in ("a", "b") for index in range(3)], name)
    pages, _ = pull_all(pull, max_readings=max_readings)
    found = [
        (session["session_id"], item["sensor_type"], item["timestamp"])
        for page in pages
        for session in page["sessions"]
        for item in session["sensor_data"]
    ]
    assert len(found) == len(set(found)) == 18
    assert all(sum(len(s["sensor_data"]) for s in page["sessions"]) <= max_readings for page in pages)


def test_cursor_page_that_ends_inside_a_session_says_so(push: Call, pull: Call, reading: Any) -> None:
    push([reading(index) for index in range(5)])
    first = pull(cursor=None, max_readings=3)
    assert (first["sessions"][0]["is_complete"], first["has_more"]) == (False, True)
    second = pull(cursor=first["cursor"], max_readings=3)
    assert (second["sessions"][0]["is_complete"], second["has_more"]) == (True, False)
    assert len(second["sessions"][0]["sensor_data"]) == 2


def test_cursor_page_may_have_another_size_than_the_one_before(push: Call, pull: Call, reading: Any) -> None:
    push([reading(index) for index in range(5)])
    first = pull(cursor=None, max_readings=1, page_size=1)
    second = pull(cursor=first["cursor"], max_readings=100, page_size=10)
    assert len(second["sessions"][0]["sensor_data"]) == 4


def test_cursor_misses_nothing_pushed_between_pages(push: Call, pull: Call, reading: Any) -> None:
    for name in ("one", "two", "three"):
        push([reading(0)], name)
    first = pull(cursor=None, page_size=1)
    push([reading(10)], "one")
    push([reading(10)], "two")
    push([reading(0)], "four")
    pages, cursor = pull_all(pull, first["cursor"], page_size=1)
    pages += pull_all(pull, cursor)[0]
    found = {
        (session["session_id"], item["timestamp"] - 1_760_000_000_000)
        for page in [first, *pages]
        for session in page["sessions"]
        for item in session["sensor_data"]
    }
    assert found == {("one", 0), ("one", 10), ("two", 0), ("two", 10), ("three", 0), ("four", 0)}


def test_cursor_tells_of_sessions_deleted_between_pages(
    push: Call, pull: Call, client: TestClient[Litestar], auth_headers: dict[str, str]
) -> None:
    for name in ("one", "two"):
        push((), name)
    first = pull(cursor=None, page_size=1)
    client.delete("/api/sessions/one", headers=auth_headers)
    pages, cursor = pull_all(pull, first["cursor"], page_size=1)
    pages += pull_all(pull, cursor)[0]
    assert [name for page in pages for name in page["deleted"]] == ["one"]


@pytest.mark.parametrize("kept", ["session_ids", "include_data", "own"])
def test_cursor_with_another_scope_is_422(push: Call, pull: Call, kept: str) -> None:
    scopes: dict[str, Any] = {"session_ids": ["walk"], "include_data": False, "own": False}
    push()
    cursor = pull(cursor=None, **{kept: scopes[kept]})["cursor"]
    reply = pull(cursor=cursor, status=422)
    assert [error["field"] for error in reply["errors"]] == ["cursor"]
    pull(cursor=cursor, **{kept: scopes[kept]})


def test_cursor_scope_does_not_depend_on_the_order_of_session_ids(push: Call, pull: Call) -> None:
    push()
    cursor = pull(cursor=None, session_ids=["walk", "run"])["cursor"]
    pull(cursor=cursor, session_ids=["run", "walk", "run"])


def test_cursor_with_page_is_422(push: Call, pull: Call) -> None:
    cursor = pull(cursor=None)["cursor"]
    assert [error["field"] for error in pull(cursor=cursor, page=1, status=422)["errors"]] == ["page"]


def test_cursor_with_last_sync_time_is_422(pull: Call) -> None:
    reply = pull()
    refused = pull(cursor=reply["cursor"], last_sync_time=reply["server_timestamp"], status=422)
    assert [error["field"] for error in refused["errors"]] == ["last_sync_time"]


def test_cursor_null_with_page_is_422(pull: Call) -> None:
    assert [error["field"] for error in pull(cursor=None, page=2, status=422)["errors"]] == ["page"]


def test_cursor_of_another_user_is_refused(pull: Call, push: Call, create_user: Call) -> None:
    push()
    cursor = pull(cursor=None)["cursor"]
    stranger = create_user("stranger")["headers"]
    reply = pull(cursor=cursor, headers=stranger, status=422)
    assert [error["field"] for error in reply["errors"]] == ["cursor"]


@pytest.mark.parametrize("cursor", ["", "x", "====", "a" * 10_000, "ünïcode", "AAAA", "null", "\0", "../../etc"])
def test_cursor_that_is_none_is_400(pull: Call, cursor: str) -> None:
    assert pull(cursor=cursor, status=400)["type"] == "urn:koodtx:problem:cursor-invalid"


def test_cursor_with_any_letter_changed_is_400(push: Call, pull: Call) -> None:
    push()
    text = pull(cursor=None)["cursor"]
    for place, letter in enumerate(text):
        other = "A" if letter != "A" else "B"
        pull(cursor=text[:place] + other + text[place + 1 :], status=400)


def test_cursor_of_another_generation_is_410(push: Call, pull: Call, settings: Settings) -> None:
    push()
    cursor = pull(cursor=None)["cursor"]
    renew(settings)
    assert pull(cursor=cursor, status=410)["type"] == "urn:koodtx:problem:resync"
    assert ids(pull(cursor=None)) == ["walk"]


def test_last_sync_time_of_another_generation_gives_everything(push: Call, pull: Call, settings: Settings) -> None:
    push()
    since = pull()["server_timestamp"]
    renew(settings)
    assert ids(pull(last_sync_time=since)) == ["walk"]


def test_cursor_ahead_of_the_clock_is_410(push: Call, pull: Call, db: psycopg.Connection[Any]) -> None:
    push()
    cursor = pull(cursor=None)["cursor"]
    db.execute("update app.change_sequences set change_no = 0")
    assert pull(cursor=cursor, status=410)["type"] == "urn:koodtx:problem:resync"


def test_cursor_without_data_goes_on(push: Call, pull: Call, reading: Any) -> None:
    for name in ("one", "two", "three"):
        push([reading(0)], name)
    pages, cursor = pull_all(pull, page_size=2, include_data=False)
    assert [name for page in pages for name in ids(page)] == ["one", "two", "three"]
    assert ids(pull(cursor=cursor, include_data=False)) == []


CURSOR = Cursor("generation", 7, "scope", 3, 9, datetime(2026, 1, 1, tzinfo=UTC), None, After(5, 2, 77))


@pytest.mark.unit
def test_signed_cursor_is_read_back_equal() -> None:
    assert cursors.read(cursors.sign(CURSOR, ("secret",)), ("secret",)) == CURSOR


@pytest.mark.unit
def test_cursor_signed_with_another_secret_is_refused() -> None:
    with pytest.raises(CursorInvalid):
        cursors.read(cursors.sign(CURSOR, ("secret",)), ("another secret",))


def test_pull_of_a_new_database_begins_its_sync_epoch(pull: Call, db: psycopg.Connection[Any]) -> None:
    """A request may come before the first check of the API."""
    db.execute("delete from app.sync_epoch")

    assert pull(cursor=None)["sessions"] == []
    assert db.execute("select count(*) from app.sync_epoch").fetchone() == (1,)
