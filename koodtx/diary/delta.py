"""A device and the server exchange what changed."""

from typing import Any
from uuid import UUID

from msgspec import convert
from psycopg_pool import AsyncConnectionPool

from koodtx.diary import cursor as cursors
from koodtx.diary import store
from koodtx.diary.cursor import Cursor
from koodtx.diary.messages import DiaryRecord, SyncedRecords
from koodtx.errors import invalid_field
from koodtx.signing import Keys
from koodtx.sync.errors import Resync
from koodtx.sync.store import PullHead, pull_head

_FIRST = UUID(int=0)


async def exchange(
    pool: AsyncConnectionPool, keys: Keys, user_id: int, records: list[dict[str, Any]], deleted: list[UUID],
    text: str | None, limit: int,
) -> SyncedRecords:  # fmt: skip
    """Stores the device's changes and returns a page. `text`: the cursor. Raises CursorInvalid, Resync, Invalid.

    Nothing is stored when the cursor is refused. Records that were not stored, as they are deleted, are in `deleted`.
    """
    async with pool.connection() as connection, connection.transaction():
        cursor = _cursor(text, keys, await pull_head(connection, user_id), user_id)
        gone = await store.put_records(connection, user_id, records, deleted) if records or deleted else []
        rows = await store.record_changes(connection, user_id, cursor.change_no, cursor.after, limit + 1)
    page = rows[:limit]
    if page:
        cursor = Cursor(cursor.sync_epoch, user_id, page[-1].change_no, page[-1].record_id)
    forgotten = [row.record_id for row in page if row.is_deleted]
    return SyncedRecords(
        records=[convert(row, DiaryRecord, from_attributes=True) for row in page if not row.is_deleted],
        deleted=list(dict.fromkeys(gone + forgotten)),
        has_more=len(rows) > limit,
        cursor=cursors.sign(cursor, keys),
    )


def _cursor(text: str | None, keys: Keys, head: PullHead, user_id: int) -> Cursor:
    """Where this page begins."""
    if text is None:
        return Cursor(head.sync_epoch, user_id, 0, _FIRST)
    cursor = cursors.read(text, keys)
    if cursor.user_id != user_id:
        raise invalid_field("cursor", "belongs to another user")
    if cursor.sync_epoch != head.sync_epoch or cursor.change_no > head.change_no:
        raise Resync(
            "the server was restored after it issued this cursor: ask without a cursor, then send what the answer lacks"
        )
    return cursor
