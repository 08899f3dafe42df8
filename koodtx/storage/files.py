"""Stores a file so that a crash at any line leaves nothing that the clean-up does not find."""

import asyncio
import secrets
from collections.abc import AsyncGenerator, AsyncIterable
from typing import BinaryIO

from msgspec import Struct
from psycopg_pool import AsyncConnectionPool

from koodtx.file_names import content_disposition
from koodtx.storage import store
from koodtx.storage.errors import ObjectGone
from koodtx.storage.objects import Objects
from koodtx.storage.store import Purpose, StoredObject

_PIECE_BYTES = 256 * 1024


class NewFile(Struct, frozen=True, kw_only=True):
    """What a file is for, its user, and its name and type when it is downloaded."""

    purpose: Purpose
    user_id: int | None
    file_name: str
    media_type: str


async def store_file(
    pool: AsyncConnectionPool, objects: Objects, file: NewFile, body: AsyncIterable[bytes]
) -> StoredObject:
    """Stores a file under a new key. Holds no connection meanwhile. Raises StorageUnavailable, and what `body` raises.

    ObjectGone: it took longer than a day, and the clean-up has removed it.
    """
    key = f"{file.purpose}/{secrets.token_hex(16)}"
    async with pool.connection() as connection:
        await store.begin_object(
            connection, key, file.purpose, file.user_id, file_name=file.file_name, media_type=file.media_type
        )
    byte_count = await objects.put(
        key, body, media_type=file.media_type, disposition=content_disposition(file.file_name)
    )
    async with pool.connection() as connection:
        stored = await store.finish_object(connection, key, byte_count)
    if stored is None:
        await objects.delete(key)
        raise ObjectGone
    return stored


async def pieces_of(file: BinaryIO) -> AsyncGenerator[bytes]:
    """Yields an open file from its beginning, read in a thread: a `body` of `store_file`."""
    await asyncio.to_thread(file.seek, 0)
    while piece := await asyncio.to_thread(file.read, _PIECE_BYTES):
        yield piece


async def remove_file(pool: AsyncConnectionPool, objects: Objects, key: str) -> None:
    """Removes a file. May be repeated."""
    await objects.delete(key)
    async with pool.connection() as connection:
        await store.forget_object(connection, key)
