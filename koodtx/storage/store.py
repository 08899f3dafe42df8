"""The room's SQL calls."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from koodtx.database.query import Connection, execute, fetch_all, fetch_one, fetch_value

# Of `take` and `reference`, the clean-up removes only what no row of app.takes or app.lines names.
Purpose = Literal["export", "upload", "take", "reference"]


class StoredObject(Struct):
    """A file that is stored whole."""

    key: str
    file_name: str
    media_type: str
    byte_count: int
    stored_at: datetime


class Expired(Struct):
    """An object that the clean-up removes."""

    key: str
    byte_count: int


class Total(Struct):
    """How many objects, and their bytes."""

    row_count: int
    byte_count: int


async def begin_object(
    connection: Connection, key: str, purpose: Purpose, user_id: int | None, *, file_name: str, media_type: str
) -> None:
    """Notes an object before it is stored: nothing is in the store that the database does not know."""
    await execute(
        connection,
        """
        insert into app.stored_objects (key, purpose, user_id, file_name, media_type)
        values (%(key)s, %(purpose)s, %(user_id)s, %(file_name)s, %(media_type)s)
        """,
        {"key": key, "purpose": purpose, "user_id": user_id, "file_name": file_name, "media_type": media_type},
    )


async def finish_object(connection: Connection, key: str, byte_count: int) -> StoredObject | None:
    """Notes that an object is stored whole. None: the clean-up has removed it meanwhile."""
    return await fetch_one(
        connection,
        StoredObject,
        """
        update app.stored_objects set byte_count = %(byte_count)s, stored_at = clock_timestamp()
        where key = %(key)s
        returning key, file_name, media_type, byte_count, stored_at
        """,
        {"key": key, "byte_count": byte_count},
    )


async def find_object(connection: Connection, key: str) -> StoredObject | None:
    """The object, if it is stored whole."""
    return await fetch_one(
        connection,
        StoredObject,
        """
        select key, file_name, media_type, byte_count, stored_at from app.stored_objects
        where key = %(key)s and stored_at is not null
        """,
        {"key": key},
    )


async def count_expired(connection: Connection, cutoff: datetime) -> Total:
    total = await fetch_one(
        connection,
        Total,
        """
        select count(*) as row_count, coalesce(sum(byte_count), 0)::bigint as byte_count
        from app.expired_objects(%(cutoff)s)
        """,
        {"cutoff": cutoff},
    )
    assert total is not None
    return total


async def list_expired(connection: Connection, cutoff: datetime, limit: int) -> list[Expired]:
    """Objects to be removed, the oldest first."""
    return await fetch_all(
        connection,
        Expired,
        "select key, byte_count from app.expired_objects(%(cutoff)s) order by created_at, key limit %(limit)s",
        {"cutoff": cutoff, "limit": limit},
    )


async def forget_object(connection: Connection, key: str) -> bool:
    """Removes the note of an object that is no longer in the store. False: somebody has done so before."""
    return bool(
        await fetch_value(connection, "delete from app.stored_objects where key = %(key)s returning true", {"key": key})
    )
