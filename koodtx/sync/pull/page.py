"""A page of a pull before its first byte is sent: where it begins, which sessions, and all that can go wrong."""

from datetime import datetime

import msgspec
from msgspec import UNSET, Struct
from psycopg_pool import AsyncConnectionPool

from koodtx.accounts.caller import Caller
from koodtx.database.query import Connection
from koodtx.errors import invalid_field
from koodtx.readings.times import time_within
from koodtx.settings import Settings
from koodtx.sync import store
from koodtx.sync.errors import Resync
from koodtx.sync.messages import SyncPullRequest
from koodtx.sync.pull import cursor as cursors
from koodtx.sync.pull.cursor import After, Cursor
from koodtx.sync.sync_log import failures_logged

_UNLIMITED = 2**62
# What accounts call the device of a login that names none.
_UNNAMED_DEVICE = "default"


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


async def prepare(pool: AsyncConnectionPool, settings: Settings, caller: Caller, request: SyncPullRequest) -> Page:
    """Reads the change sequence, then the page's sessions. Raises CursorInvalid, Resync, Invalid."""
    async with failures_logged(pool, caller, "pull"), pool.connection() as connection:
        if not request.own:
            await _check_device(connection, caller)
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


async def _check_device(connection: Connection, caller: Caller) -> None:
    """Raises Invalid when all phones that named no device at login would leave out each other's readings."""
    if await store.device_id(connection, caller.device_key) == _UNNAMED_DEVICE:
        message = "false needs a login with a device_id of its own: without one, all phones of a user are one device"
        raise invalid_field("own", message)


def _since(request: SyncPullRequest, head: store.PullHead) -> datetime | None:
    """last_sync_time, if it is one that this sync epoch gave; else everything is sent."""
    if request.last_sync_time is None:
        return None
    return time_within(request.last_sync_time, head.sync_epoch_at, head.changed_at)


def _cursor(
    request: SyncPullRequest, head: store.PullHead, caller: Caller, since: datetime | None, settings: Settings
) -> Cursor:
    """Where this page begins. `until` is the change number as it stood before the first page's rows were read."""
    scope = cursors.scope_of(request)
    sync_epoch = str(head.sync_epoch)
    if request.cursor is not UNSET and request.page is not UNSET:
        raise invalid_field("page", "goes with last_sync_time, not with cursor")
    if not isinstance(request.cursor, str):
        return Cursor(sync_epoch, caller.user_id, scope, 0, head.change_no, head.changed_at, since)
    if request.last_sync_time is not None:
        raise invalid_field("last_sync_time", "goes with page, not with cursor")
    cursor = cursors.read(request.cursor, settings.signing_keys)
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
