"""The reply to a pull, in slices, while the next slice is read.

No transaction and no connection is held while a client reads, and memory does not grow with the reply.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec
from msgspec import Struct
from psycopg_pool import AsyncConnectionPool

from koodtx.accounts.caller import Caller
from koodtx.readings.column_json import Columns
from koodtx.readings.read import JsonSlice, Range, changed_ranges, readings_columns, readings_json
from koodtx.readings.times import from_micros, to_micros
from koodtx.settings import Settings
from koodtx.sync import store
from koodtx.sync.messages import PulledSession
from koodtx.sync.metrics import PULLED
from koodtx.sync.prefetch import one_ahead
from koodtx.sync.pull import cursor as cursors
from koodtx.sync.pull.cursor import After, Cursor
from koodtx.sync.pull.page import Page
from koodtx.sync.sync_log import failures_logged

_SLICE = 10_000
_MICROSECOND = timedelta(microseconds=1)


class Progress(Struct):
    """How far a page has been sent. `is_complete`: the session being sent is, to its end."""

    readings: int = 0
    data_bytes: int = 0
    after: After | None = None
    is_complete: bool = True


class Part(NamedTuple):
    """Readings of one sensor type, up to a time."""

    sensor_type_id: int
    last_at: datetime
    slice: Columns | JsonSlice

    def json(self, as_block: bool) -> bytes:
        """Items of `sensor_data`."""
        if as_block and isinstance(self.slice, Columns):
            return self.slice.block_json()
        return self.slice.json()


async def stream(pool: AsyncConnectionPool, settings: Settings, caller: Caller, page: Page) -> AsyncGenerator[bytes]:
    """The reply, a SyncPullResponse, in pieces. An error on the way ends the connection: a cut reply never parses."""
    async with failures_logged(pool, caller, "pull"):
        progress = Progress()
        deleted = []
        is_cut = False
        yield b'{"sessions":['
        separator = b""
        for row in page.rows:
            if row.is_deleted:
                deleted.append(row.session_id)
            elif progress.readings >= page.budget:
                is_cut = True
                break
            else:
                yield separator + msgspec.json.encode(_without_readings(row))[:-1]
                separator = b","
                async with aclosing(_sensor_data(pool, page, row, progress)) as pieces:
                    async for piece in pieces:
                        yield piece
                yield b"}"
                if not progress.is_complete:
                    is_cut = True
                    break
            progress.after = After(row.id)
        yield b"]," + await _tail(pool, settings, caller, page, progress, deleted, is_cut)


async def _sensor_data(
    pool: AsyncConnectionPool, page: Page, row: store.SessionRow, progress: Progress
) -> AsyncGenerator[bytes]:
    """The member `sensor_data` of a session; beyond the page's budget `is_complete` is false."""
    if not page.request.include_data:
        return
    yield b',"sensor_data":['
    async with pool.connection() as connection:
        ranges = await changed_ranges(connection, row.id, page.cursor.base, page.cursor.since, page.without)
    ranges = _remaining(ranges, row.id, page.cursor.after)
    separator = b""
    async with aclosing(one_ahead(_slices(pool, row.id, ranges, page.budget - progress.readings))) as parts:
        async for part in parts:
            if part is None:
                progress.is_complete = False
                break
            # In a thread, so that the next slice is asked for first.
            body = await asyncio.to_thread(part.json, page.request.form == "columns")
            progress.readings += part.slice.readings
            progress.data_bytes += len(body)
            progress.after = After(row.id, part.sensor_type_id, to_micros(part.last_at))
            yield separator + body
            separator = b","
    yield b'],"is_complete":' + (b"true" if progress.is_complete else b"false")


async def _slices(
    pool: AsyncConnectionPool, recording_id: int, ranges: list[Range], budget: int
) -> AsyncGenerator[Part | None]:
    """The readings of the ranges, slice by slice, each with a connection of its own for a short statement.

    None where the budget ends: there may be more.
    """
    for whole in ranges:
        span, is_dense = whole, True
        while span.from_at <= span.to_at:
            limit = min(_SLICE, budget)
            if limit == 0:
                yield None
                return
            found: Columns | JsonSlice
            async with pool.connection() as connection:
                if is_dense:
                    found = await readings_columns(connection, recording_id, span, limit)
                    is_dense = found.is_dense
                # What one slice has besides plain columns, the rest of its range mostly has too.
                if not is_dense:
                    found = await readings_json(connection, recording_id, span, limit)
            if found.last_at is None:
                break
            budget -= found.readings
            yield Part(span.sensor_type_id, found.last_at, found)
            if found.readings < limit:
                break
            span = Range(span.sensor_type_id, found.last_at + _MICROSECOND, span.to_at)


def _remaining(ranges: list[Range], recording_id: int, after: After | None) -> list[Range]:
    """The ranges, or what is left of them after the last reading sent."""
    if after is None or after.recording_id != recording_id or after.sensor_type_id is None or after.micros is None:
        return ranges
    last = (after.sensor_type_id, after.micros)
    following = from_micros(after.micros) + _MICROSECOND
    return [
        Range(span.sensor_type_id, max(span.from_at, following), span.to_at)
        if span.sensor_type_id == after.sensor_type_id
        else span
        for span in ranges
        if (span.sensor_type_id, to_micros(span.to_at)) > last
    ]


async def _tail(
    pool: AsyncConnectionPool, settings: Settings, caller: Caller, page: Page, progress: Progress,
    deleted: list[str], is_cut: bool,
) -> bytes:  # fmt: skip
    """All members after `sessions`; the log row is written before the last byte is sent."""
    has_more = is_cut or page.has_more_rows
    sync_log_id = None
    if page.rows:
        async with pool.connection() as connection:
            sync_log_id = await store.log_pull(
                connection, caller, progress.readings, progress.data_bytes, page.server_timestamp, page.last_sync_time
            )
        PULLED.inc(progress.readings)
    members = {
        "deleted": deleted,
        "server_timestamp": page.server_timestamp,
        "page": page.number,
        "page_size": page.request.page_size,
        "total": page.rows[0].total if page.rows else 0,
        "has_more": has_more,
        "cursor": None
        if page.number > 1
        else cursors.sign(_next(page.cursor, progress, has_more), settings.signing_keys),
        "sync_log_id": sync_log_id,
    }
    return msgspec.json.encode(members)[1:]


def _next(cursor: Cursor, progress: Progress, has_more: bool) -> Cursor:
    """While there is more, base and until stay; afterwards the client has everything up to until."""
    if has_more:
        return msgspec.structs.replace(cursor, after=progress.after)
    return msgspec.structs.replace(cursor, base=cursor.until, since=None, after=None)


def _without_readings(row: store.SessionRow) -> PulledSession:
    fields = {name: getattr(row, name) for name in PulledSession.__struct_fields__}
    return PulledSession(**fields)
