"""The room's SQL calls. Those that read a session are for the transaction that `snapshot` begins."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from koodtx.database.query import Connection, execute, fetch_all, fetch_one, fetch_value
from koodtx.exports.messages import ArchivedMinute, ExportedSession, Result, Sensor, UsedColumns
from koodtx.jobs import store as jobs
from koodtx.readings.column_json import PackedColumns
from koodtx.sessions.store import readable_session
from koodtx.sync.messages import PulledSession

# Readings of one statement. The memory of an export is that of a few of these.
SLICE = 10_000


class Slice(Struct):
    """Readings in their format; `last_at`: the time of the last, None: there are none."""

    body: bytes | None
    readings: int
    last_at: datetime | None


class Packed(PackedColumns, kw_only=True):
    """Columns of equal length, NaN where a reading has nothing. `extras`: JSON texts; None: no reading has any."""

    extras: list[str | None] | None


@asynccontextmanager
async def snapshot(connection: Connection, limit_s: int) -> AsyncIterator[None]:
    """A transaction that sees one state of the database. It may be idle for `limit_s` while a client reads slowly."""
    async with connection.transaction():
        await execute(connection, "set transaction isolation level repeatable read, read only")
        await execute(
            connection,
            "select set_config('idle_in_transaction_session_timeout', %(milliseconds)s, true)",
            {"milliseconds": str(limit_s * 1000)},
        )
        yield


async def find_session(
    connection: Connection, user_id: int, session_id: str, share_id: UUID | None = None
) -> ExportedSession | None:
    """A session that the user may download: their own, or that of a share."""
    session = await readable_session(connection, user_id, session_id, share_id, "download")
    if session is None:
        return None
    version: str = await fetch_value(
        connection,
        """
        select concat_ws('.', e.id, s.id, s.change_no, s.archived_count, s.archived_at)
        from app.recording_sessions as s left join app.sync_epoch as e on true where s.id = %(recording_id)s
        """,
        {"recording_id": session.id},
    )
    return ExportedSession(session.id, version, msgspec.convert(session, PulledSession, from_attributes=True))


async def sessions_between(
    connection: Connection, user_id: int, from_at: datetime, to_at: datetime, *, limit: int
) -> list[str]:
    """The `session_id`s of a user's sessions that began from a time to before another, the first first."""
    cursor = await connection.execute(
        """
        select s.session_id from app.readable_sessions(%(user_id)s) as s
        where s.start_time >= %(from_at)s and s.start_time < %(to_at)s order by s.start_time, s.id limit %(limit)s
        """,
        {"user_id": user_id, "from_at": from_at, "to_at": to_at, "limit": limit},
    )
    return [row[0] for row in await cursor.fetchall()]


async def may_download_all(connection: Connection, user_id: int, session_ids: Sequence[str]) -> bool:
    """Whether there are all of these sessions, each once, and the user may download them."""
    return bool(
        await fetch_value(
            connection,
            """
            select count(*) = cardinality(%(session_ids)s::text[]) from app.readable_sessions(%(user_id)s) as s
            where s.session_id = any(%(session_ids)s::text[]) and app.may_read_session(%(user_id)s, s.id)
            """,
            {"user_id": user_id, "session_ids": list(session_ids)},
        )
    )


async def may_still_download(
    connection: Connection, login_id: UUID, *, recording_id: int | None = None, job_id: UUID | None = None
) -> bool:
    """Whether a login is active, and its user may download a session or a job."""
    return bool(
        await fetch_value(
            connection,
            """
            select exists(
                select from app.active_login(%(login_id)s) as login
                where app.may_read_session(login.user_id, %(recording_id)s, 'download')
                    or exists(select from app.may_see_job(login.user_id, %(job_id)s, 'download'))
            )
            """,
            {"login_id": login_id, "recording_id": recording_id, "job_id": job_id},
        )
    )


async def find_result(connection: Connection, user_id: int, job_id: UUID) -> Result | None:
    """What a job found, if the user may download it."""
    version = await jobs.may(connection, user_id, job_id, "download")
    job = await jobs.get_job(connection, job_id) if version is not None else None
    if job is None:
        return None
    found = [] if job.recording_id is None else await sensors(connection, job.recording_id)
    return Result(
        job_id=job.id,
        version=str(job.version),
        kind=job.task,
        status=job.status,
        session_id=job.session_id,
        document=job.result if job.status == "completed" else None,
        units={sensor.sensor: sensor.unit for sensor in found if sensor.unit is not None},
    )


async def sensors(connection: Connection, recording_id: int) -> list[Sensor]:
    """The sensors of a session, by name."""
    return await fetch_all(
        connection,
        Sensor,
        "select * from app.exported_sensors(%(recording_id)s)",
        {"recording_id": recording_id},
    )


async def used_columns(connection: Connection, recording_id: int, sensor: Sensor) -> UsedColumns:
    """Reads all readings of the sensor."""
    found = await fetch_one(
        connection,
        UsedColumns,
        "select * from app.used_columns(%(recording_id)s, %(sensor_type_id)s, %(from_at)s, %(to_at)s)",
        {"recording_id": recording_id, **_range(sensor)},
        prepare=False,
    )
    assert found is not None
    return found


async def readings_csv(
    connection: Connection, recording_id: int, sensor: Sensor, columns: list[str], head: str, tail: str
) -> Slice:
    """At most SLICE readings from `from_at` on as rows of a CSV file, each between `head` and `tail`."""
    found = await fetch_one(
        connection,
        Slice,
        """
        select * from app.readings_csv(
            %(recording_id)s, %(sensor_type_id)s, %(from_at)s, %(to_at)s, %(limit)s, %(columns)s, %(head)s, %(tail)s
        )
        """,
        {
            "recording_id": recording_id,
            **_range(sensor),
            "limit": SLICE,
            "columns": columns,
            "head": head,
            "tail": tail,
        },
        prepare=False,
    )
    assert found is not None
    return found


async def readings_packed(connection: Connection, recording_id: int, sensor: Sensor) -> Packed:
    """At most SLICE readings from `from_at` on, by columns."""
    found = await fetch_one(
        connection,
        Packed,
        "select * from app.readings_packed(%(recording_id)s, %(sensor_type_id)s, %(from_at)s, %(to_at)s, %(limit)s)",
        {"recording_id": recording_id, **_range(sensor), "limit": SLICE},
        prepare=False,
    )
    assert found is not None
    return found


async def readings_gpx(
    connection: Connection, recording_id: int, sensor: Sensor, previous_at: datetime | None, gap_s: float
) -> Slice:
    """At most SLICE fixes from `from_at` on as track points; one later than `gap_s` after the last begins a segment."""
    found = await fetch_one(
        connection,
        Slice,
        """
        select * from app.readings_gpx(
            %(recording_id)s, %(sensor_type_id)s, %(from_at)s, %(to_at)s, %(limit)s, %(previous_at)s::timestamptz,
            %(gap_s)s
        )
        """,
        {"recording_id": recording_id, **_range(sensor), "limit": SLICE, "previous_at": previous_at, "gap_s": gap_s},
        prepare=False,
    )
    assert found is not None
    return found


async def archived_minutes(
    connection: Connection, recording_id: int, sensor_type_id: int, day: datetime
) -> list[ArchivedMinute]:
    """What is left of a sensor's readings of one UTC day, in the order of time."""
    rows = await fetch_all(
        connection,
        _ArchivedMinuteRow,
        """
        select * from app.archived_minutes(
            %(recording_id)s, %(sensor_type_id)s, %(day)s::timestamptz, %(day)s::timestamptz + interval '24 hours'
        )
        """,
        {"recording_id": recording_id, "sensor_type_id": sensor_type_id, "day": day},
        prepare=False,
    )
    return msgspec.convert(rows, list[ArchivedMinute], from_attributes=True)


class _ArchivedMinuteRow(Struct):
    at: datetime
    readings: int
    axes: dict[str, Any]


def _range(sensor: Sensor) -> dict[str, Any]:
    return {"sensor_type_id": sensor.sensor_type_id, "from_at": sensor.from_at, "to_at": sensor.to_at}
