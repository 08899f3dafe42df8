"""A pull: first what can go wrong (prepare), then the reply in slices (stream).

No transaction and no connection is held while a client reads, and memory does not grow with the reply.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec
from msgspec import UNSET, Struct
from psycopg_pool import AsyncConnectionPool

from koodtx.accounts.caller import Caller
from koodtx.errors import Resync
from koodtx.settings import Settings
from koodtx.sync import cursor as cursors
from koodtx.sync import store
from koodtx.sync.ahead import one_ahead
from koodtx.sync.columns import Columns
from koodtx.sync.cursor import After, Cursor
from koodtx.sync.failures import failures_logged
from koodtx.sync.messages import PulledSession, SyncPullRequest
from koodtx.sync.slices import JsonSlice, Range, readings_columns, readings_json
from koodtx.sync.times import from_micros, time_within, to_micros
from koodtx.web.messages import invalid_field
from koodtx.web.metrics import PULLED

_SLICE = 10_000
_UNLIMITED = 2**62
_MICROSECOND = timedelta(microseconds=1)


class Page(Struct):
    """What one pull is to send. `budget`: readings at most; `without`: the device whose own readings are left out."""

    request: SyncPullRequest
    cursor: Cursor
    rows: list[store.SessionRow]
    has_more_rows: bool
    number: int
    server_timestamp: datetime
    last_sync_time: datetime | None
    budget: int
    without: int | None


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


async def prepare(pool: AsyncConnectionPool, settings: Settings, caller: Caller, request: SyncPullRequest) -> Page:
    """Reads the clock, then the page's sessions. Raises CursorInvalid, Resync, Invalid."""
    async with failures_logged(pool, caller, "pull"):
        return await _prepare(pool, settings, caller, request)


async def _prepare(pool: AsyncConnectionPool, settings: Settings, caller: Caller, request: SyncPullRequest) -> Page:
    async with pool.connection() as connection:
        head = await store.pull_head(connection, caller.user_id)
        since = _since(request, head)
        cursor = _cursor(request, head, caller, since, settings)
        number = 1 if request.page is UNSET else request.page
        rows = await store.pull_sessions(
            connection, caller.user_id, cursor.base, cursor.since, request.session_ids,
            _first_id(cursor.after), (number - 1) * request.page_size, request.page_size + 1,
        )  # fmt: skip
        server_timestamp = cursor.until_at
        if number > 1:
            first = await store.first_page_time(connection, caller, since)
            # Unknown: a time that is surely not too late, so that nothing is missed.
            server_timestamp = first or since or head.sync_epoch_at
    return Page(
        request=request,
        cursor=cursor,
        rows=rows[: request.page_size],
        has_more_rows=len(rows) > request.page_size,
        number=number,
        server_timestamp=server_timestamp,
        last_sync_time=since,
        budget=_UNLIMITED if request.cursor is UNSET else request.max_readings,
        without=None if request.own else caller.device_key,
    )


async def stream(pool: AsyncConnectionPool, settings: Settings, caller: Caller, page: Page) -> AsyncGenerator[bytes]:
    """The reply, a SyncPullResponse, in pieces. An error on the way ends the connection: a cut reply never parses."""
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
        spans = await store.changed_ranges(connection, row.id, page.cursor.base, page.cursor.since, page.without)
    spans = _remaining(spans, row.id, page.cursor.after)
    separator = b""
    async with aclosing(one_ahead(_slices(pool, row.id, spans, page.budget - progress.readings))) as parts:
        async for part in parts:
            if part is None:
                progress.is_complete = False
                break
            # In a thread, so that the next slice is asked for first.
            body = await asyncio.to_thread(part.slice.json)
            progress.readings += part.slice.readings
            progress.data_bytes += len(body)
            progress.after = After(row.id, part.sensor_type_id, to_micros(part.last_at))
            yield separator + body
            separator = b","
    yield b'],"is_complete":' + (b"true" if progress.is_complete else b"false")


async def _slices(
    pool: AsyncConnectionPool, recording_id: int, spans: list[Range], budget: int
) -> AsyncGenerator[Part | None]:
    """The readings of the ranges, slice by slice, each with a connection of its own for a short statement.

    None where the budget ends: there may be more.
    """
    for span in spans:
        is_even = True
        while span.from_at <= span.to_at:
            limit = min(_SLICE, budget)
            if limit == 0:
                yield None
                return
            found: Columns | JsonSlice
            async with pool.connection() as connection:
                if is_even:
                    found = await readings_columns(connection, recording_id, span, limit)
                    is_even = found.is_even
                # What one slice has besides plain columns, the rest of its range mostly has too.
                if not is_even:
                    found = await readings_json(connection, recording_id, span, limit)
            if found.last_at is None:
                break
            budget -= found.readings
            yield Part(span.sensor_type_id, found.last_at, found)
            if found.readings < limit:
                break
            span.from_at = found.last_at + _MICROSECOND


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
        else cursors.sign(_next(page.cursor, progress, has_more), settings.secret_key),
        "sync_log_id": sync_log_id,
    }
    return msgspec.json.encode(members)[1:]


def _next(cursor: Cursor, progress: Progress, has_more: bool) -> Cursor:
    """While there is more, base and until stay; afterwards the client has everything up to until."""
    if has_more:
        return msgspec.structs.replace(cursor, after=progress.after)
    return msgspec.structs.replace(cursor, base=cursor.until, since=None, after=None)


def _since(request: SyncPullRequest, head: store.PullHead) -> datetime | None:
    """last_sync_time, if it is one that this sync_epoch gave; else everything is sent."""
    if request.last_sync_time is None:
        return None
    return time_within(request.last_sync_time, head.sync_epoch_at, head.changed_at)


def _cursor(
    request: SyncPullRequest, head: store.PullHead, caller: Caller, since: datetime | None, settings: Settings
) -> Cursor:
    """Where this page begins. `until` is the clock as it stood before the first page's rows were read."""
    scope = cursors.scope_of(request)
    sync_epoch = str(head.sync_epoch)
    if request.cursor is not UNSET and request.page is not UNSET:
        raise invalid_field("page", "goes with last_sync_time, not with cursor")
    if not isinstance(request.cursor, str):
        return Cursor(sync_epoch, caller.user_id, scope, 0, head.change_no, head.changed_at, since)
    if request.last_sync_time is not None:
        raise invalid_field("last_sync_time", "goes with page, not with cursor")
    cursor = cursors.read(request.cursor, settings.secret_key)
    if cursor.user_id != caller.user_id:
        raise invalid_field("cursor", "belongs to another user")
    if cursor.sync_epoch != sync_epoch or cursor.base > head.change_no:
        raise Resync
    if cursor.scope != scope:
        raise invalid_field("cursor", "was made for other session_ids, include_data or own")
    if cursor.after is None:
        return msgspec.structs.replace(cursor, until=head.change_no, until_at=head.changed_at)
    return cursor


def _first_id(after: After | None) -> int:
    """The internal id of the first session that may have something to send."""
    if after is None:
        return 0
    return after.recording_id + (after.sensor_type_id is None)


def _remaining(spans: list[Range], recording_id: int, after: After | None) -> list[Range]:
    """The ranges, or what is left of them after the last reading sent."""
    if after is None or after.recording_id != recording_id or after.sensor_type_id is None or after.micros is None:
        return spans
    last = (after.sensor_type_id, after.micros)
    remaining = [span for span in spans if (span.sensor_type_id, to_micros(span.to_at)) > last]
    for span in remaining:
        if span.sensor_type_id == after.sensor_type_id:
            span.from_at = max(span.from_at, from_micros(after.micros) + _MICROSECOND)
    return remaining


def _without_readings(row: store.SessionRow) -> PulledSession:
    fields = {name: getattr(row, name) for name in PulledSession.__struct_fields__}
    return PulledSession(**fields)
