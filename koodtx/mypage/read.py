"""What my page shows."""

import msgspec
from msgspec import structs

from koodtx.database.query import Connection
from koodtx.errors import NotFound
from koodtx.mypage import store
from koodtx.mypage.messages import (
    Bookmark,
    BookmarkList,
    DubbedToken,
    DubbedTokenList,
    Overview,
    TakeSummary,
    TokenOfScript,
)
from koodtx.mypage.store import BookmarkedLine, DubbedLine
from koodtx.scripts.store import find_line


async def list_bookmarks(connection: Connection, user_id: int, limit: int, offset: int) -> BookmarkList:
    rows = await store.list_bookmarks(connection, user_id, limit, offset)
    bookmarks = [Bookmark(_token(row), row.bookmarked_at) for row in rows]
    return BookmarkList(bookmarks, await store.count_bookmarks(connection, user_id))


async def add_bookmark(connection: Connection, user_id: int, token_id: int) -> tuple[Bookmark, bool]:
    """Returns the bookmark, and whether it is new. Raises NotFound."""
    is_new = await store.insert_bookmark(connection, user_id, token_id)
    row = await store.find_bookmark(connection, user_id, token_id)
    if row is None:
        raise NotFound(f"there is no token {token_id}")
    return Bookmark(_token(row), row.bookmarked_at), is_new


async def remove_bookmark(connection: Connection, user_id: int, token_id: int) -> None:
    """It need not be there. Raises NotFound for a line that does not exist."""
    if await find_line(connection, token_id) is None:
        raise NotFound
    await store.delete_bookmark(connection, user_id, token_id)


async def list_dubbed(connection: Connection, user_id: int, limit: int, offset: int) -> DubbedTokenList:
    rows = await store.list_dubbed(connection, user_id, limit, offset)
    return DubbedTokenList([_dubbed(row) for row in rows], await store.count_dubbed(connection, user_id))


async def read_overview(connection: Connection, user_id: int, days: int) -> Overview:
    return msgspec.convert(await store.overview(connection, user_id, days), Overview)


def _dubbed(row: DubbedLine) -> DubbedToken:
    return DubbedToken(
        _token(row),
        row.take_count,
        row.completed_count,
        row.failed_count,
        msgspec.convert(row.last_take, TakeSummary),
        msgspec.convert(row.best_take, TakeSummary | None),
    )


def _token(row: BookmarkedLine | DubbedLine) -> TokenOfScript:
    return TokenOfScript(**structs.asdict(row.token()), script_title=row.script_title)
