"""The room's SQL calls."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
from msgspec import Struct
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool

from koodtx.database.query import Connection, execute, fetch_all, fetch_one, fetch_value
from koodtx.keyset import Place
from koodtx.sync.session_context import SessionLabel

# What a share can allow.
Action = Literal["view", "download"]


class SessionRow(Struct):
    """A session with its internal number."""

    id: int
    session_id: str
    start_time: datetime
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
    first_reading_at: datetime | None
    last_reading_at: datetime | None
    archived_at: datetime | None
    archived_count: int
    closed_by_server_at: datetime | None
    labels: Any

    @property
    def place(self) -> Place[int]:
        return Place(self.start_time, self.id)


async def list_sessions(
    connection: Connection,
    user_id: int,
    *,
    before: Place[int] | None = None,
    limit: int,
) -> list[SessionRow]:
    """Returns the user's sessions after a place, those that began last first."""
    return await fetch_all(
        connection,
        SessionRow,
        "select * from app.list_sessions(%(user_id)s, null, %(before_at)s, %(before_id)s, %(limit)s)",
        {
            "user_id": user_id,
            "before_at": before.at if before else None,
            "before_id": before.key if before else None,
            "limit": limit,
        },
    )


async def readable_session(
    connection: Connection, user_id: int, session_id: str, share_id: UUID | None, action: Action
) -> SessionRow | None:
    """The user's session of this name, or that of a share, if the share has a session of this name."""
    return await fetch_one(
        connection,
        SessionRow,
        "select * from app.list_sessions(%(user_id)s, %(session_id)s, null, null, 1, %(share_id)s, %(action)s)",
        {"user_id": user_id, "session_id": session_id, "share_id": share_id, "action": action},
    )


async def find_session(
    connection: Connection, user_id: int, session_id: str, share_id: UUID | None = None, action: Action = "view"
) -> SessionRow | None:
    """As `readable_session`; that of a share is noted in its access log."""
    session = await readable_session(connection, user_id, session_id, share_id, action)
    if session is not None and share_id is not None:
        await execute(
            connection,
            "select app.note_access(%(user_id)s, null, %(share_id)s, %(action)s)",
            {"user_id": user_id, "share_id": share_id, "action": action},
        )
    return session


class Line(Struct, frozen=True):
    """What a chart shows: a sensor of a recording between two times, in at most so many points."""

    recording_id: int
    sensor: str
    from_at: datetime | None
    to_at: datetime | None
    points: int


class SeriesRow(Struct):
    """Minimum and maximum of one axis in one bucket."""

    at: datetime
    axis: str
    min: float
    max: float


async def series(connection: Connection, user_id: int, line: Line) -> list[SeriesRow]:
    """Returns minima and maxima in at most `points` buckets of equal width, by time."""
    return await fetch_all(
        connection,
        SeriesRow,
        """
        select at, axis, min, max
        from analytics.session_series(%(recording_id)s, %(sensor)s, %(from_at)s, %(to_at)s, %(points)s)
        where app.may_read_session(%(user_id)s, %(recording_id)s)
        """,
        {"user_id": user_id, **msgspec.structs.asdict(line)},
        prepare=False,
    )


async def has_more_readings(connection: Connection, line: Line, limit: int) -> bool:
    """Whether more than `limit` readings are stored of the sensor between the two times."""
    return bool(
        await fetch_value(
            connection,
            """
            select count(*) > %(limit)s
            from (
                select
                from analytics.session_sensors as n
                join app.stored_session_readings(%(recording_id)s, %(from_at)s, %(to_at)s) as d
                    on d.sensor_type_id = n.sensor_type_id
                where n.recording_id = %(recording_id)s and n.sensor = %(sensor)s
                limit %(limit)s + 1
            ) as counted
            """,
            {**msgspec.structs.asdict(line), "limit": limit},
            prepare=False,
        )
    )


class PointRow(Struct):
    """A point to draw of one axis."""

    at: datetime
    axis: str
    value: float


async def points(connection: Connection, user_id: int, line: Line) -> list[PointRow]:
    """Returns points of each axis that keep the shape of its line, by time."""
    return await fetch_all(
        connection,
        PointRow,
        """
        select at, axis, value
        from analytics.session_lttb(%(recording_id)s, %(sensor)s, %(from_at)s, %(to_at)s, %(points)s)
        where app.may_read_session(%(user_id)s, %(recording_id)s)
        """,
        {"user_id": user_id, **msgspec.structs.asdict(line)},
        prepare=False,
    )


async def annotate_session(connection: Connection, user_id: int, session_id: str, notes: str | None) -> bool:
    """Sets the notes. Returns False when the session does not exist."""
    return await _edit(connection, user_id, session_id, {"notes": notes})


async def set_labels(connection: Connection, user_id: int, session_id: str, labels: list[SessionLabel]) -> bool:
    """Replaces the labels. Returns False when the session does not exist."""
    return await _edit(connection, user_id, session_id, {"labels": msgspec.to_builtins(labels) or None})


async def _edit(connection: Connection, user_id: int, session_id: str, fields: dict[str, Any]) -> bool:
    return bool(
        await fetch_value(
            connection,
            "select app.edit_session(%(user_id)s, %(session_id)s, %(fields)s)",
            {"user_id": user_id, "session_id": session_id, "fields": Jsonb(fields)},
        )
    )


async def delete_session(connection: Connection, user_id: int, session_id: str) -> bool:
    """Deletes the session unless that was done before. Returns False when it never existed."""
    return bool(
        await fetch_value(
            connection,
            "select app.delete_session(%(user_id)s, %(session_id)s)",
            {"user_id": user_id, "session_id": session_id},
        )
    )


async def erase_some(pool: AsyncConnectionPool, limit: int) -> bool | None:
    """Erases at most so many readings of one deleted session; whether that was all. None: there was no session.

    Several processes may do it at once.
    """
    async with pool.connection() as connection:
        is_done: bool | None = await fetch_value(connection, "select app.erase_readings(%(limit)s)", {"limit": limit})
    return is_done


async def erase_deleted(pool: AsyncConnectionPool, limit: int = 50_000) -> None:
    """Erases everything that deleted sessions have left."""
    while await erase_some(pool, limit) is not None:
        pass
