"""What was shared with a user, and what no longer is, since a cursor."""

from msgspec import convert
from msgspec.structs import replace
from psycopg_pool import AsyncConnectionPool

from koodtx.errors import invalid_field
from koodtx.sharing import cursor as cursors
from koodtx.sharing import store
from koodtx.sharing.cursor import Cursor
from koodtx.sharing.messages import SharedItem, SharedWithMe
from koodtx.signing import Keys
from koodtx.sync.errors import Resync


async def shared_with(
    pool: AsyncConnectionPool, keys: Keys, user_id: int, *, of_sessions: bool, text: str | None, limit: int
) -> SharedWithMe:
    """A page. `text`: the cursor. Raises CursorInvalid, Resync, Invalid.

    Change number and time are read before the rows, so that all that the rows do not show comes later.
    """
    async with pool.connection() as connection:
        head = await store.head(connection, user_id)
        cursor = _cursor(text, keys, head, user_id, of_sessions)
        rows = await store.share_changes(
            connection, user_id, of_sessions, cursor.base, cursor.since, cursor.after, limit + 1
        )
    page = rows[:limit]
    has_more = len(rows) > limit
    return SharedWithMe(
        gained=[convert(row, SharedItem, from_attributes=True) for row in page if row.is_live],
        lost=[row.share_id for row in page if not row.is_live],
        has_more=has_more,
        cursor=cursors.sign(_next(cursor, page, has_more), keys),
    )


def _cursor(text: str | None, keys: Keys, head: store.Head, user_id: int, of_sessions: bool) -> Cursor:
    """Where this page begins."""
    if text is None:
        return Cursor(head.sync_epoch, user_id, of_sessions, 0, head.at, head.change_no, head.at)
    cursor = cursors.read(text, keys)
    if cursor.user_id != user_id:
        raise invalid_field("cursor", "belongs to another user")
    if cursor.sync_epoch != head.sync_epoch or cursor.base > head.change_no:
        raise Resync("the server was restored after it issued this cursor: ask without a cursor")
    if cursor.of_sessions != of_sessions:
        raise invalid_field("cursor", "is of analyses" if of_sessions else "is of sessions")
    return cursor if cursor.after else replace(cursor, until=head.change_no, until_at=head.at)


def _next(cursor: Cursor, page: list[store.ChangedShare], has_more: bool) -> Cursor:
    """While there is more, base and since stay; afterwards the client has everything up to until."""
    if has_more:
        return replace(cursor, after=page[-1].share_id)
    return replace(cursor, base=cursor.until, since=cursor.until_at, after=None)
