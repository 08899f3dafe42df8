"""How a line is spoken in the film: stored first, then given to its line."""

import asyncio
from typing import BinaryIO

from psycopg_pool import AsyncConnectionPool

from koodtx.audio.inspect import Audio, inspect
from koodtx.errors import KoodtxError, NotFound
from koodtx.file_names import file_name
from koodtx.scripts import store
from koodtx.scripts.messages import Token
from koodtx.storage.files import NewFile, pieces_of, remove_file, store_file
from koodtx.storage.objects import Objects
from koodtx.storage.store import StoredObject

MAX_AUDIO_BYTES = 50_000_000


async def check_line(pool: AsyncConnectionPool, token_id: int) -> None:
    """Before a file is received for it. Raises NotFound."""
    async with pool.connection() as connection:
        if await store.find_line(connection, token_id) is None:
            raise NotFound


async def put_audio(pool: AsyncConnectionPool, objects: Objects, token_id: int, file: BinaryIO) -> Token:
    """Makes a file the reference audio of a line, instead of what it had. Raises NotFound, UnsupportedAudio,
    AudioDamaged, StorageUnavailable.
    """
    audio = await asyncio.to_thread(inspect, file)
    stored = await store_audio(pool, objects, file, audio, f"line-{token_id}")
    try:
        async with pool.connection() as connection:
            await store.put_audio(connection, token_id, stored.key, audio.duration_s, audio.sample_rate_hz)
            line = await store.find_line(connection, token_id)
        if line is None:
            raise NotFound
    except KoodtxError:
        await remove_file(pool, objects, stored.key)
        raise
    return line.token()


async def store_audio(
    pool: AsyncConnectionPool, objects: Objects, file: BinaryIO, audio: Audio, name: str
) -> StoredObject:
    """Stores a file of a line, which the clean-up removes if no line gets it within a day."""
    new = NewFile(
        purpose="reference", user_id=None, file_name=file_name(name, audio.extension), media_type=audio.media_type
    )
    return await store_file(pool, objects, new, pieces_of(file))
