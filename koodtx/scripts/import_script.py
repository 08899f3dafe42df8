"""Imports a script whole or not at all; if it is as it was, nothing is written."""

import asyncio
import hashlib
from pathlib import Path

from msgspec import Struct, structs
from psycopg_pool import AsyncConnectionPool

from koodtx.database.query import Connection
from koodtx.errors import KoodtxError
from koodtx.scripts import store
from koodtx.scripts.edit import put_lines
from koodtx.scripts.errors import ScriptChanged
from koodtx.scripts.import_file import AudioFile, ScriptToImport
from koodtx.scripts.lines import GivenLine, KnownLine, matched
from koodtx.scripts.messages import ListedScript
from koodtx.scripts.reference_audio import store_audio
from koodtx.scripts.store import LineRow, LineToPut
from koodtx.storage.errors import ObjectGone
from koodtx.storage.files import remove_file
from koodtx.storage.objects import Objects
from koodtx.storage.store import find_object


class Imported(Struct):
    """What was done for a script."""

    source_id: str
    line_count: int
    new_audio_count: int
    is_changed: bool


class _Before(Struct):
    """The script as it was."""

    script: ListedScript | None
    lines: list[LineRow]


async def import_script(pool: AsyncConnectionPool, objects: Objects, given: ScriptToImport) -> Imported:
    """Audio is stored first, then one transaction writes all. Raises ScriptInUse, ScriptChanged, StorageUnavailable."""
    source_id = given.script.source_id
    assert source_id is not None
    async with pool.connection() as connection:
        before = await _read(connection, source_id)
    stored: list[str] = []
    try:
        lines = await _with_audio(pool, objects, given, before, stored)
        is_changed = bool(stored) or not _is_same(given, lines, before)
        if is_changed:
            async with pool.connection() as connection, connection.transaction():
                await _write(connection, given, lines, before)
    except KoodtxError as error:
        for key in stored:
            await remove_file(pool, objects, key)
        raise type(error)(f"{source_id}: {error.detail}") from error
    return Imported(source_id, len(lines), len(stored), is_changed)


async def _read(connection: Connection, source_id: str) -> _Before:
    script = await store.find_source(connection, source_id)
    return _Before(script, await store.list_lines(connection, script.id) if script else [])


async def _with_audio(
    pool: AsyncConnectionPool, objects: Objects, given: ScriptToImport, before: _Before, stored: list[str]
) -> list[LineToPut]:
    """The lines with their ids, and with new audio where it is not that which they have; its keys are added to
    `stored`.
    """
    known = [KnownLine(row.token_id, row.line_no, row.text) for row in before.lines]
    ids = matched(known, [GivenLine(None, line.text) for line in given.lines], "lines")
    keys: dict[int | None, str | None] = {row.token_id: row.audio_key for row in before.lines}
    lines = []
    for place, (line, audio) in enumerate(zip(given.lines, given.audio, strict=True), 1):
        line_id = ids[place - 1]
        put = structs.replace(line, id=line_id)
        if audio is not None and not await _has_audio(pool, objects, keys.get(line_id), audio):
            put = await _stored(pool, objects, put, audio, f"{given.script.source_id}-{place}")
            stored.append(put.audio_key or "")
        lines.append(put)
    return lines


async def _stored(
    pool: AsyncConnectionPool, objects: Objects, line: LineToPut, audio: AudioFile, name: str
) -> LineToPut:
    with audio.path.open("rb") as file:
        new = await store_audio(pool, objects, file, audio.audio, name)
    return structs.replace(
        line,
        audio_key=new.key,
        audio_duration_s=audio.audio.duration_s,
        audio_sample_rate_hz=audio.audio.sample_rate_hz,
    )


async def _has_audio(pool: AsyncConnectionPool, objects: Objects, key: str | None, audio: AudioFile) -> bool:
    """Whether the bytes of an object are those of a file."""
    if key is None:
        return False
    async with pool.connection() as connection:
        found = await find_object(connection, key)
    if found is None or found.byte_count != audio.byte_count:
        return False
    digest = hashlib.sha256()
    try:
        async for piece in await objects.read(key, 0, found.byte_count):
            digest.update(piece)
    except ObjectGone:
        return False
    return digest.digest() == await asyncio.to_thread(_digest, audio.path)


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def _is_same(given: ScriptToImport, lines: list[LineToPut], before: _Before) -> bool:
    old, new = before.script, given.script
    if old is None or (old.title, old.language, old.description) != (new.title, new.language, new.description):
        return False
    return [(line.id, line.text, line.actor, line.start_s, line.end_s) for line in lines] == [
        (row.token_id, row.text, row.actor_name, row.start_time, row.end_time) for row in before.lines
    ]


async def _write(connection: Connection, given: ScriptToImport, lines: list[LineToPut], before: _Before) -> None:
    script_id = await store.put_script(connection, given.script)
    # Now it is locked.
    if await store.list_lines(connection, script_id) != before.lines:
        raise ScriptChanged
    await put_lines(connection, script_id, lines, "lines")
