"""The room's SQL calls."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from koodtx.database.query import Connection, execute, fetch_all, fetch_one
from koodtx.diary.messages import DiaryRecord, FromSession, RecordType
from koodtx.keyset import Place


class ChangedRecord(Struct):
    """A record in the change log; if it is deleted, nothing but its id."""

    record_id: UUID
    record_type: RecordType | None
    at: Any
    what: str | None
    energy_kcal: float | None
    tags: list[str] | None
    activity: str | None
    minutes: float | None
    session_id: str | None
    created_at: Any
    updated_at: Any
    change_no: int
    is_deleted: bool


class _Id(Struct):
    record_id: UUID


async def lock(connection: Connection, user_id: int) -> None:
    """No record of the user changes until the end of this transaction."""
    await execute(
        connection, "select from app.change_sequences where user_id = %(user_id)s for update", {"user_id": user_id}
    )


async def put_records(
    connection: Connection, user_id: int, records: Sequence[dict[str, Any]], deleted: Sequence[UUID] = ()
) -> list[UUID]:
    """Stores records and deletes others. Returns the ids of records that were not stored, as they are deleted."""
    rows = await fetch_all(
        connection,
        _Id,
        "select p as record_id from app.put_records(%(user_id)s, %(records)s::text::jsonb, %(deleted)s::uuid[]) as p",
        {"user_id": user_id, "records": msgspec.json.encode(records).decode(), "deleted": list(deleted)},
    )
    return [row.record_id for row in rows]


async def find_record(connection: Connection, user_id: int, record_id: UUID) -> DiaryRecord | None:
    """The record, unless it is deleted."""
    return await fetch_one(
        connection,
        DiaryRecord,
        """
        select record_id, record_type, at, what, energy_kcal, tags, activity, minutes, session_id, created_at,
            updated_at
        from app.diary_records
        where user_id = %(user_id)s and record_id = %(record_id)s and deleted_at is null
        """,
        {"user_id": user_id, "record_id": record_id},
    )


async def is_known(connection: Connection, user_id: int, record_id: UUID) -> bool:
    """Whether the user has or had this record."""
    found = await fetch_one(
        connection,
        _Id,
        "select record_id from app.diary_records where user_id = %(user_id)s and record_id = %(record_id)s",
        {"user_id": user_id, "record_id": record_id},
    )
    return found is not None


async def from_session(connection: Connection, user_id: int, session_id: str) -> FromSession | None:
    """Measures of the session of an exercise; None: the user has no such session."""
    return await fetch_one(
        connection,
        FromSession,
        "select * from app.exercise_of_session(%(user_id)s, %(session_id)s)",
        {"user_id": user_id, "session_id": session_id},
    )


async def list_records(
    connection: Connection, user_id: int, record_type: RecordType | None, day: date | None,
    before: Place[UUID] | None, limit: int,
) -> list[DiaryRecord]:  # fmt: skip
    """Records, the latest first."""
    return await fetch_all(
        connection,
        DiaryRecord,
        "select * from app.list_records(%(user_id)s, %(record_type)s, %(day)s, %(at)s, %(key)s, %(limit)s)",
        {
            "user_id": user_id, "record_type": record_type, "day": day, "limit": limit,
            "at": before.at if before else None, "key": before.key if before else None,
        },
    )  # fmt: skip


async def record_changes(
    connection: Connection, user_id: int, change_no: int, after: UUID, limit: int
) -> list[ChangedRecord]:
    """Records that changed after a place in the change log."""
    return await fetch_all(
        connection,
        ChangedRecord,
        "select * from app.record_changes(%(user_id)s, %(change_no)s, %(after)s, %(limit)s)",
        {"user_id": user_id, "change_no": change_no, "after": after, "limit": limit},
    )
