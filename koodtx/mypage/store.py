"""The room's SQL calls."""

from datetime import datetime
from typing import Any

from koodtx.database.query import Connection, execute, fetch_all, fetch_one, fetch_value
from koodtx.scripts.store import LineRow


class BookmarkedLine(LineRow, kw_only=True):
    """A line that the user has bookmarked."""

    script_title: str
    bookmarked_at: datetime


class DubbedLine(LineRow, kw_only=True):
    """A line of which the user has takes. `last_take`, `best_take`: objects, as `app.take_json` makes them."""

    script_title: str
    take_count: int
    completed_count: int
    failed_count: int
    last_take: Any
    best_take: Any


async def list_bookmarks(connection: Connection, user_id: int, limit: int, offset: int) -> list[BookmarkedLine]:
    return await fetch_all(
        connection,
        BookmarkedLine,
        "select * from app.bookmarked_lines(%(user_id)s, %(limit)s, %(offset)s)",
        {"user_id": user_id, "limit": limit, "offset": offset},
    )


async def count_bookmarks(connection: Connection, user_id: int) -> int:
    count: int = await fetch_value(
        connection, "select count(*) from app.bookmarks where user_id = %(user_id)s", {"user_id": user_id}
    )
    return count


async def insert_bookmark(connection: Connection, user_id: int, token_id: int) -> bool:
    """False: there is no such line, or it is bookmarked."""
    # The line is locked and, by an update without a change, the bookmark: both are there until the end.
    is_new: bool | None = await fetch_value(
        connection,
        """
        insert into app.bookmarks as b (user_id, line_id)
        select %(user_id)s, id from app.lines where id = %(token_id)s for key share
        on conflict (user_id, line_id) do update set created_at = b.created_at
        returning b.xmax = 0
        """,
        {"user_id": user_id, "token_id": token_id},
    )
    return is_new is True


async def find_bookmark(connection: Connection, user_id: int, token_id: int) -> BookmarkedLine | None:
    return await fetch_one(
        connection,
        BookmarkedLine,
        "select * from app.bookmarked_lines(%(user_id)s, 1, 0, %(token_id)s)",
        {"user_id": user_id, "token_id": token_id},
    )


async def delete_bookmark(connection: Connection, user_id: int, token_id: int) -> None:
    await execute(
        connection,
        "delete from app.bookmarks where user_id = %(user_id)s and line_id = %(token_id)s",
        {"user_id": user_id, "token_id": token_id},
    )


async def list_dubbed(connection: Connection, user_id: int, limit: int, offset: int) -> list[DubbedLine]:
    return await fetch_all(
        connection,
        DubbedLine,
        "select * from app.dubbed_lines(%(user_id)s, %(limit)s, %(offset)s)",
        {"user_id": user_id, "limit": limit, "offset": offset},
    )


async def count_dubbed(connection: Connection, user_id: int) -> int:
    count: int = await fetch_value(
        connection, "select count(distinct line_id) from app.takes where user_id = %(user_id)s", {"user_id": user_id}
    )
    return count


async def overview(connection: Connection, user_id: int, days: int) -> Any:
    """The object that `app.mypage_overview` makes."""
    return await fetch_value(
        connection, "select app.mypage_overview(%(user_id)s, %(days)s)", {"user_id": user_id, "days": days}
    )
