"""The room's SQL calls."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from msgspec import Struct
from psycopg.types.json import Jsonb

from koodtx.accounts.caller import Caller
from koodtx.database.query import Connection, execute, fetch_all, fetch_one, fetch_value
from koodtx.readings.blocks import Batch
from koodtx.readings.sensor_types import SensorType
from koodtx.readings.times import from_micros
from koodtx.readings.write import Change
from koodtx.sync.messages import PushTerms, SessionFields


class OpenedPush(Struct):
    """A push whose session is locked. `replay`: the reply this push_id got before.

    `archived`: ranges of times that take no readings any more: sensor_type_id, from_us, until_us (epoch microseconds).
    """

    recording_id: int
    is_changed: bool
    has_overlap: bool
    reading_count: int
    archived: list[dict[str, int]] | None
    replay: dict[str, Any] | None


class PullHead(Struct):
    """Where a user's change sequence stands."""

    sync_epoch: UUID
    sync_epoch_at: datetime
    change_no: int
    changed_at: datetime


class SessionRow(Struct):
    """A session in a page of a pull; `total`: how many changed in all."""

    id: int
    session_id: str
    start_time: datetime | None
    end_time: datetime | None
    is_active: bool
    enabled_sensors: Any
    units: Any
    device_id: str | None
    device: Any
    sample_rate: float | None
    data_count: int
    notes: str | None
    is_uploaded: bool
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None
    archived_count: int
    closed_by_server_at: datetime | None
    labels: Any
    is_deleted: bool
    total: int


class WrittenPush(NamedTuple):
    """A push whose readings are written. `used`: the sensor types under which they were stored."""

    reply: dict[str, Any]
    changes: list[Change]
    used: list[SensorType]


async def open_push(
    connection: Connection, caller: Caller, session: SessionFields, batch: Batch, terms: PushTerms,
    ranges: dict[int, tuple[int, int]],
) -> OpenedPush:  # fmt: skip
    """Locks the session (made if new). `ranges`: epoch microseconds by sensor type.

    Raises KX409 (replaced), KX410 (deleted), KX422 (push_id of another body), KX423 (ends before it starts).
    """
    opened = await fetch_one(
        connection,
        OpenedPush,
        """
        select * from app.open_push(
            %(user_id)s, %(device_key)s, %(session_id)s, %(fields)s, %(push_id)s, %(body_hash)s, %(replaces)s,
            %(types)s, %(from)s, %(to)s
        )
        """,
        {
            "user_id": caller.user_id,
            "device_key": caller.device_key,
            "session_id": session.session_id,
            "fields": Jsonb(session.fields),
            "push_id": terms.push_id,
            "body_hash": batch.fingerprint,
            "replaces": list(terms.replaces),
            "types": list(ranges),
            "from": [from_micros(low) for low, _ in ranges.values()],
            "to": [from_micros(high) for _, high in ranges.values()],
        },
    )
    assert opened is not None
    return opened


async def finish_push(
    connection: Connection, caller: Caller, opened: OpenedPush, batch: Batch, terms: PushTerms, written: WrittenPush
) -> dict[str, Any]:
    """Ends the transaction: change record, change sequence, log. Returns the reply as it was stored.

    Raises SerializationFailure, to be tried again, if a sensor type was given to another name meanwhile.
    """
    push = {
        "push_id": terms.push_id,
        "body_hash": batch.fingerprint.hex(),
        "is_changed": opened.is_changed,
        "sensor_types": sorted({group.sensor for group in batch.groups}),
        "data_bytes": batch.data_bytes,
        "used": [msgspec.structs.asdict(sensor) for sensor in written.used],
    }
    stored: dict[str, Any] = await fetch_value(
        connection,
        "select app.finish_push(%(id)s, %(device_key)s, %(push)s, %(reply)s, %(types)s, %(from)s, %(to)s)",
        {
            "id": opened.recording_id,
            "device_key": caller.device_key,
            "push": Jsonb(push),
            "reply": Jsonb(written.reply),
            "types": [change.sensor_type_id for change in written.changes],
            "from": [change.from_at for change in written.changes],
            "to": [change.to_at for change in written.changes],
        },
    )
    return stored


async def log_failure(connection: Connection, caller: Caller, sync_type: str, error: str) -> None:
    """A push or pull that failed, for people to read."""
    await execute(
        connection,
        """
        insert into app.sync_logs (user_id, device_key, sync_type, status, error)
        values (%(user_id)s, %(device_key)s, %(sync_type)s, 'failed', %(error)s)
        """,
        {"user_id": caller.user_id, "device_key": caller.device_key, "sync_type": sync_type, "error": error},
    )


async def device_id(connection: Connection, device_key: int) -> str:
    """The text by which the client calls the device."""
    found: str = await fetch_value(
        connection, "select device_id from app.devices where id = %(device_key)s", {"device_key": device_key}
    )
    return found


async def pull_head(connection: Connection, user_id: int) -> PullHead:
    """Where the user's change sequence stands, to be read before a page's rows."""
    head = await _head(connection, user_id)
    if head is None:
        # A new database, whose sync epoch the API has not looked for yet.
        await execute(connection, "select from app.renew_sync_epoch()")
        head = await _head(connection, user_id)
    assert head is not None
    return head


async def _head(connection: Connection, user_id: int) -> PullHead | None:
    return await fetch_one(connection, PullHead, "select * from app.pull_head(%(user_id)s)", {"user_id": user_id})


async def pull_sessions(
    connection: Connection, user_id: int, base: int, since: datetime | None, session_ids: list[str] | None,
    from_id: int, offset: int, limit: int,
) -> list[SessionRow]:  # fmt: skip
    """Sessions that changed after `base` and `since`, by internal id."""
    return await fetch_all(
        connection,
        SessionRow,
        """
        select * from app.pull_sessions(
            %(user_id)s, %(base)s, coalesce(%(since)s, timestamptz '-infinity'), %(session_ids)s,
            %(from_id)s, %(offset)s, %(limit)s
        )
        """,
        {
            "user_id": user_id,
            "base": base,
            "since": since,
            "session_ids": session_ids,
            "from_id": from_id,
            "offset": offset,
            "limit": limit,
        },
        # A generic plan takes the index of times where that of change numbers finds nothing at once.
        prepare=False,
    )


async def first_page_time(connection: Connection, caller: Caller, last_sync_time: datetime | None) -> datetime | None:
    """The server_timestamp that the first page of this pull gave, from its log row.

    Of several pulls like it within the hour the earliest: too early a time only sends something twice.
    """
    time: datetime | None = await fetch_value(
        connection,
        """
        select min(server_timestamp) from app.sync_logs
        where user_id = %(user_id)s and device_key = %(device_key)s and sync_type = 'pull'
            and last_sync_time is not distinct from %(last_sync_time)s and created_at > now() - interval '1 hour'
        """,
        {"user_id": caller.user_id, "device_key": caller.device_key, "last_sync_time": last_sync_time},
    )
    return time


async def log_pull(
    connection: Connection, caller: Caller, readings: int, data_bytes: int, server_timestamp: datetime,
    last_sync_time: datetime | None,
) -> int:  # fmt: skip
    """A pull that delivered something; the number of its log row."""
    await execute(
        connection,
        "update app.devices set last_pull_at = clock_timestamp() where id = %(device_key)s",
        {"device_key": caller.device_key},
    )
    log_id: int = await fetch_value(
        connection,
        """
        insert into app.sync_logs
            (user_id, device_key, sync_type, status, total_records, data_bytes, server_timestamp, last_sync_time)
        values (%(user_id)s, %(device_key)s, 'pull', 'success', %(readings)s, %(bytes)s, %(time)s, %(last_sync_time)s)
        returning id
        """,
        {
            "user_id": caller.user_id,
            "device_key": caller.device_key,
            "readings": readings,
            "bytes": data_bytes,
            "time": server_timestamp,
            "last_sync_time": last_sync_time,
        },
    )
    return log_id


async def sync_status(connection: Connection, user_id: int) -> dict[str, Any]:
    """What is stored of the user, as the SQL function says it."""
    status: dict[str, Any] = await fetch_value(connection, "select app.sync_status(%(user_id)s)", {"user_id": user_id})
    return status
