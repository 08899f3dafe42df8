"""The task that writes an export into the storage of files."""

import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from msgspec import Struct

from koodtx.errors import NotFound
from koodtx.exports import store
from koodtx.exports.messages import MEDIA_TYPES, ExportedSession, ExportResult, SessionFormat
from koodtx.exports.write import write
from koodtx.file_names import file_name
from koodtx.jobs.attempt import Attempt, Limits
from koodtx.jobs.task import Task, register
from koodtx.names import RowId
from koodtx.storage.files import NewFile, store_file
from koodtx.storage.objects import Objects

# Without slices: an export cannot be resumed.
_LIMITS = Limits(soft_s=3540, hard_s=3600)

_REPORT_EVERY_S = 1.0
# Roughly, of accelerometer readings: only how far the job is goes by them.
_BYTES_PER_READING: dict[SessionFormat, int] = {"csv": 60, "json": 90, "zip": 15, "parquet": 15, "gpx": 120}


class ExportArguments(Struct, frozen=True):
    """Arguments of `export`: sessions of the user, as the client calls them."""

    user_id: RowId
    session_ids: Sequence[str]
    format: SessionFormat


async def _export(attempt: Attempt, arguments: ExportArguments) -> ExportResult:
    objects = Objects(attempt.settings)
    async with attempt.pool.connection() as connection, store.snapshot(connection, int(_LIMITS.hard_s)):
        sessions = [
            await store.find_session(connection, arguments.user_id, session_id) for session_id in arguments.session_ids
        ]
        found = [session for session in sessions if session is not None]
        if len(found) < len(sessions):
            raise NotFound("a session was deleted, or may not be read any more")
        name = found[0].fields.session_id if len(found) == 1 else f"{len(found)}-sessions"
        file = NewFile(
            purpose="export",
            user_id=arguments.user_id,
            file_name=file_name(name, arguments.format),
            media_type=MEDIA_TYPES[arguments.format],
        )
        async with aclosing(write(connection, found, arguments.format)) as pieces:
            body = _reported(attempt, pieces, _expected_bytes(found, arguments.format))
            stored = await store_file(attempt.pool, objects, file, body)
    return ExportResult(key=stored.key, file_name=stored.file_name, bytes=stored.byte_count, sessions=len(found))


def _expected_bytes(sessions: Sequence[ExportedSession], file_format: SessionFormat) -> int:
    return 1 + sum(session.stored_count for session in sessions) * _BYTES_PER_READING[file_format]


async def _reported(attempt: Attempt, pieces: AsyncGenerator[bytes], expected: int) -> AsyncGenerator[bytes]:
    """Yields the pieces, and reports how far the file is. Raises AttemptLost, SoftLimitReached."""
    written, reported_at = 0, float("-inf")
    async for piece in pieces:
        written += len(piece)
        if time.monotonic() - reported_at > _REPORT_EVERY_S:
            reported_at = time.monotonic()
            await attempt.report(min(95, 100 * written // expected), f"{written / 1e6:,.1f} MB written")
        yield piece


export = register(
    Task(
        name="export",
        arguments=ExportArguments,
        result=ExportResult,
        lane="interactive",
        limits=_LIMITS,
        run=_export,
        completed_message="Export completed",
    )
)
