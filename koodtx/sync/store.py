"""The room's SQL calls."""

from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from msgspec import Struct
from psycopg import sql
from psycopg.types.json import Jsonb

from koodtx.accounts.caller import Caller
from koodtx.database.calls import Connection, Row, execute, fetch_all, fetch_one, fetch_value
from koodtx.sync.binary import copy_chunks, copy_columns, double_array, integer_array, timestamp_array
from koodtx.sync.columns import Columns
from koodtx.sync.readings import Batch, Block, SensorType
from koodtx.sync.times import from_micros
from koodtx.sync.values import COLUMNS

_MAX_NEW_TYPES = 256


class OpenedPush(Struct):
    """A push whose session is locked. `replay`: the reply this push_id got before."""

    id: int
    is_changed: bool
    is_fresh: bool
    reading_count: int
    replay: dict[str, Any] | None


class Change(Struct):
    """Readings of one sensor type that a push inserted or updated, and the times between which they lie."""

    sensor_type_id: int
    inserted: int
    updated: int
    from_at: datetime
    to_at: datetime


class PullHead(Struct):
    """Where an owner's clock stands."""

    generation: UUID
    generation_at: datetime
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
    sample_rate: float | None
    data_count: int
    notes: str | None
    is_uploaded: bool
    created_at: datetime
    updated_at: datetime
    is_deleted: bool
    total: int


class Range(Struct):
    """Times between which readings of a sensor type changed."""

    sensor_type_id: int
    from_at: datetime
    to_at: datetime


class JsonSlice(Struct):
    """Readings as the inside of a JSON array, UTF-8; `last_at`: the time of the last."""

    body: bytes | None
    readings: int
    last_at: datetime | None

    def json(self) -> bytes:
        return self.body or b""


async def sensor_types(connection: Connection, user_id: int, proposed: dict[str, str]) -> dict[str, SensorType]:
    """The sensor types of these names; missing ones are made with the value_key proposed, as far as the user may."""
    known = await fetch_all(
        connection,
        SensorType,
        "select name, id, value_key from app.sensor_types where name = any(%(names)s)",
        {"names": list(proposed)},
    )
    missing = sorted(proposed.keys() - {sensor.name for sensor in known})
    if missing:
        known += await fetch_all(
            connection,
            SensorType,
            "select * from app.register_sensor_types(%(user_id)s, %(names)s, %(value_keys)s, %(limit)s)",
            {
                "user_id": user_id,
                "names": missing,
                "value_keys": [proposed[name] for name in missing],
                "limit": _MAX_NEW_TYPES,
            },
        )
    return {sensor.name: sensor for sensor in known}


async def open_push(
    connection: Connection, caller: Caller, session_id: str, fields: dict[str, Any], push_id: str | None,
    body_hash: bytes, batch: Batch,
) -> OpenedPush:  # fmt: skip
    """Locks the session (made if new). Raises KX410 (deleted), KX422 (push_id of another body)."""
    ranges = batch.ranges()
    opened = await fetch_one(
        connection,
        OpenedPush,
        """
        select * from app.open_push(
            %(user_id)s, %(session_id)s, %(fields)s, %(push_id)s, %(body_hash)s, %(types)s, %(from)s, %(to)s
        )
        """,
        {
            "user_id": caller.user_id,
            "session_id": session_id,
            "fields": Jsonb(fields),
            "push_id": push_id,
            "body_hash": body_hash,
            "types": list(ranges),
            "from": [from_micros(low) for low, _ in ranges.values()],
            "to": [from_micros(high) for _, high in ranges.values()],
        },
    )
    assert opened is not None
    return opened


async def copy_readings(connection: Connection, session_id: int, batch: Batch) -> list[Change]:
    """Writes readings where there are none yet: 2.4 times faster than an upsert."""
    columns = sql.SQL(", ").join(map(sql.Identifier, copy_columns(batch)))
    statement = sql.SQL("copy app.sensor_data ({}) from stdin (format binary)").format(columns)
    async with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for chunk in copy_chunks(batch, session_id):
            await copy.write(chunk)
    counts: dict[int, int] = {}
    for block in batch.blocks:
        counts[block.sensor_type_id] = counts.get(block.sensor_type_id, 0) + len(block.micros)
    return [
        Change(sensor, counts[sensor], 0, from_micros(low), from_micros(high))
        for sensor, (low, high) in batch.ranges().items()
    ]


async def upsert_readings(connection: Connection, session_id: int, batch: Batch) -> list[Change]:
    """Writes readings where there may be some: new ones inserted, different ones replaced, equal ones left alone."""
    blocks = batch.blocks
    used = {name for block in blocks for name in block.columns}
    has_extra = any(block.extra for block in blocks)
    ranges = batch.ranges()
    parameters = {
        "session_id": session_id,
        "sensors": list(ranges),
        "from": from_micros(min(low for low, _ in ranges.values())),
        "to": from_micros(max(high for _, high in ranges.values())),
        "types": integer_array([block.sensor_type_id for block in blocks for _ in block.micros]),
        "recorded_at": timestamp_array([micros for block in blocks for micros in block.micros]),
        "extra": [text for block in blocks for text in _extra_texts(block)] if has_extra else None,
    }
    # NULL for a column that no reading has: `unnest` makes NULLs of it.
    for name in COLUMNS:
        parameters[name] = double_array([v for block in blocks for v in _column(block, name)]) if name in used else None
    return await fetch_all(connection, Change, _UPSERT, parameters, prepare=False)


def _column(block: Block, name: str) -> list[float | None]:
    return block.columns.get(name) or [None] * len(block.micros)


def _extra_texts(block: Block) -> list[str | None]:
    return [extra if extra is None else extra.decode() for extra in block.extra or [None] * len(block.micros)]


async def finish_push(
    connection: Connection, caller: Caller, opened: OpenedPush, push_id: str | None, body_hash: bytes,
    counts: dict[str, int], rejected: list[dict[str, Any]], sensors: list[str], data_bytes: int, changes: list[Change],
) -> dict[str, Any]:  # fmt: skip
    """The change record, the owner's clock, the log: the end of the transaction. The reply."""
    reply: dict[str, Any] = await fetch_value(
        connection,
        """
        select app.finish_push(
            %(id)s, %(user_id)s, %(device_id)s, %(push_id)s, %(body_hash)s, %(is_changed)s, %(counts)s, %(rejected)s,
            %(sensors)s, %(data_bytes)s, %(types)s, %(from)s, %(to)s
        )
        """,
        {
            "id": opened.id,
            "user_id": caller.user_id,
            "device_id": caller.device_id,
            "push_id": push_id,
            "body_hash": body_hash,
            "is_changed": opened.is_changed,
            "counts": Jsonb(counts),
            "rejected": Jsonb(rejected),
            "sensors": sensors,
            "data_bytes": data_bytes,
            "types": [change.sensor_type_id for change in changes],
            "from": [change.from_at for change in changes],
            "to": [change.to_at for change in changes],
        },
    )
    return reply


async def log_failure(connection: Connection, caller: Caller, sync_type: str, error: str) -> None:
    """A push or pull that failed, for people to read."""
    await execute(
        connection,
        """
        insert into app.sync_logs (user_id, device_id, sync_type, status, error)
        values (%(user_id)s, %(device_id)s, %(sync_type)s, 'failed', %(error)s)
        """,
        {"user_id": caller.user_id, "device_id": caller.device_id, "sync_type": sync_type, "error": error},
    )


async def pull_head(connection: Connection, user_id: int) -> PullHead:
    """Where the owner's clock stands, to be read before a page's rows."""
    head = await fetch_one(connection, PullHead, "select * from app.pull_head(%(user_id)s)", {"user_id": user_id})
    assert head is not None
    return head


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


async def changed_ranges(
    connection: Connection, session_id: int, base: int, since: datetime | None, without: int | None
) -> list[Range]:
    """Where readings of a session changed after `base` and `since`, other than by the device `without`."""
    return await fetch_all(
        connection,
        Range,
        """
        select * from app.changed_ranges(
            %(session_id)s, %(base)s, coalesce(%(since)s, timestamptz '-infinity'), %(without)s
        )
        """,
        {"session_id": session_id, "base": base, "since": since, "without": without},
    )


async def readings_json(connection: Connection, session_id: int, span: Range, limit: int) -> JsonSlice:
    """At most `limit` readings of a range, in order."""
    return await _slice(
        connection,
        JsonSlice,
        "select * from app.readings_json(%(session_id)s, %(type)s, %(from)s, %(to)s, %(limit)s)",
        session_id,
        span,
        limit,
    )


async def readings_columns(connection: Connection, session_id: int, span: Range, limit: int) -> Columns:
    """At most `limit` readings of a range, in order."""
    return await _slice(
        connection,
        Columns,
        "select * from app.readings_columns(%(session_id)s, %(type)s, %(from)s, %(to)s, %(limit)s)",
        session_id,
        span,
        limit,
    )


async def _slice(
    connection: Connection, row: type[Row], query: LiteralString, session_id: int, span: Range, limit: int
) -> Row:
    parameters = {
        "session_id": session_id,
        "type": span.sensor_type_id,
        "from": span.from_at,
        "to": span.to_at,
        "limit": limit,
    }
    found = await fetch_one(connection, row, query, parameters, prepare=False)
    assert found is not None
    return found


async def first_page_time(connection: Connection, caller: Caller, last_sync_time: datetime | None) -> datetime | None:
    """The server_timestamp that the first page of this pull gave, from its log row.

    Of several pulls like it within the hour the earliest: too early a time only sends something twice.
    """
    time: datetime | None = await fetch_value(
        connection,
        """
        select min(server_timestamp) from app.sync_logs
        where user_id = %(user_id)s and device_id = %(device_id)s and sync_type = 'pull'
            and last_sync_time is not distinct from %(last_sync_time)s and created_at > now() - interval '1 hour'
        """,
        {"user_id": caller.user_id, "device_id": caller.device_id, "last_sync_time": last_sync_time},
    )
    return time


async def log_pull(
    connection: Connection, caller: Caller, readings: int, data_bytes: int, server_timestamp: datetime,
    last_sync_time: datetime | None,
) -> int:  # fmt: skip
    """A pull that delivered something; the number of its log row."""
    await execute(
        connection,
        "update app.devices set last_pull_at = clock_timestamp() where id = %(device_id)s",
        {"device_id": caller.device_id},
    )
    log_id: int = await fetch_value(
        connection,
        """
        insert into app.sync_logs
            (user_id, device_id, sync_type, status, total_records, data_bytes, server_timestamp, last_sync_time)
        values (%(user_id)s, %(device_id)s, 'pull', 'success', %(readings)s, %(bytes)s, %(time)s, %(last_sync_time)s)
        returning id
        """,
        {
            "user_id": caller.user_id,
            "device_id": caller.device_id,
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


_UPSERT: LiteralString = """
select * from app.upsert_readings(
    %(session_id)s, %(sensors)s, %(from)s, %(to)s, %(types)b, %(recorded_at)b,
    %(x)b, %(y)b, %(z)b, %(value)b, %(latitude)b, %(longitude)b, %(altitude)b, %(accuracy)b, %(speed)b, %(bearing)b,
    %(extra)s::text[]::jsonb[]
)
"""
