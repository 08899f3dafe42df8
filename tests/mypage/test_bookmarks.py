"""Bookmarks: there once, however often they are set, and gone however often they are removed."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from koodtx.database.pool import make_pool
from koodtx.mypage import store
from koodtx.settings import Settings
from tests.support.aliases import Call, Client, CreateUser, Db, Document

pytestmark = [pytest.mark.api, pytest.mark.integration]


def test_bookmark_is_idempotent(ask: Call, tokens: list[int]) -> None:
    new = ask("POST", "/bookmarks/", json={"token_id": tokens[3]}, status=201)
    assert (new["token"]["token_id"], new["token"]["text"]) == (tokens[3], "넷")
    assert (new["token"]["script_title"], new["token"]["has_audio"]) == ("숫자", False)
    assert ask("POST", "/bookmarks/", json={"token_id": tokens[3]}) == new
    assert ask("GET", "/bookmarks/") == {"bookmarks": [new], "total": 1}
    for _ in range(2):
        ask("DELETE", f"/bookmarks/{tokens[3]}", status=204)
    assert ask("GET", "/bookmarks/") == {"bookmarks": [], "total": 0}


def test_bookmarks_are_paged_the_latest_first(ask: Call, tokens: list[int]) -> None:
    for token_id in tokens:
        ask("POST", "/bookmarks/", json={"token_id": token_id}, status=201)
    pages = [ask("GET", "/bookmarks/", params={"limit": 2, "offset": offset}) for offset in (0, 2, 4, 6)]
    assert [page["total"] for page in pages] == [5] * 4
    assert [one["token"]["token_id"] for page in pages for one in page["bookmarks"]] == tokens[::-1]


def test_bookmarks_are_of_their_user(ask: Call, tokens: list[int], create_user: CreateUser) -> None:
    other = create_user("joon")["headers"]
    ask("POST", "/bookmarks/", json={"token_id": tokens[0]}, status=201)
    assert ask("GET", "/bookmarks/", headers=other)["total"] == 0
    ask("DELETE", f"/bookmarks/{tokens[0]}", headers=other, status=204)
    assert ask("GET", "/bookmarks/")["total"] == 1


def test_a_line_that_does_not_exist_has_no_bookmark(ask: Call, tokens: list[int]) -> None:
    ask("POST", "/bookmarks/", json={"token_id": 999}, status=404)
    ask("DELETE", "/bookmarks/999", status=404)
    for wrong in (0, "1", None, 2**63):
        problem = ask("POST", "/bookmarks/", json={"token_id": wrong}, status=422)
        assert [error["field"] for error in problem["errors"]] == ["token_id"]


def test_bookmark_that_is_set_again_stays_until_it_was_read(
    ask: Call, tokens: list[int], user: Document, settings: Settings, db: Db
) -> None:
    ask("POST", "/bookmarks/", json={"token_id": tokens[0]}, status=201)

    async def set_again() -> bool:
        async with make_pool(settings) as pool, pool.connection() as connection, connection.transaction():
            is_new = await store.insert_bookmark(connection, user["user"]["id"], tokens[0])
            with pytest.raises(psycopg.errors.LockNotAvailable):
                db.execute("select from app.bookmarks for update nowait")
            return is_new

    assert asyncio.run(set_again()) is False
    assert ask("GET", "/bookmarks/")["total"] == 1


def test_bookmarks_at_once_are_one(client: Client, auth_headers: dict[str, str], tokens: list[int], db: Db) -> None:
    def post(_: int) -> int:
        return client.post("/api/mypage/bookmarks/", json={"token_id": tokens[0]}, headers=auth_headers).status_code

    with ThreadPoolExecutor(8) as threads:
        statuses = sorted(threads.map(post, range(16)))
    assert statuses == [200] * 15 + [201]
    assert db.execute("select count(*) from app.bookmarks").fetchone() == (1,)
