"""Reading stored readings: which ranges changed, and a range a slice at a time.

A slice comes by columns, or as text where these do not hold everything.
"""

from datetime import datetime
from typing import LiteralString

from msgspec import Struct

from koodtx.database.query import Connection, Row, fetch_all, fetch_one
from koodtx.readings.column_json import Columns


class Range(Struct, frozen=True):
    """Times between which readings of a sensor type lie, or changed."""

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


async def changed_ranges(
    connection: Connection, recording_id: int, base: int, since: datetime | None, without: int | None
) -> list[Range]:
    """Returns where readings of a session changed after `base` and `since`, other than by the device `without`."""
    return await fetch_all(
        connection,
        Range,
        """
        select * from app.changed_ranges(
            %(recording_id)s, %(base)s, coalesce(%(since)s, timestamptz '-infinity'), %(without)s
        )
        """,
        {"recording_id": recording_id, "base": base, "since": since, "without": without},
    )


async def readings_json(connection: Connection, recording_id: int, span: Range, limit: int) -> JsonSlice:
    """Returns at most `limit` readings of a range, in order."""
    return await _slice(
        connection,
        JsonSlice,
        "select * from app.readings_json(%(recording_id)s, %(type)s, %(from)s, %(to)s, %(limit)s)",
        recording_id,
        span,
        limit,
    )


async def readings_columns(connection: Connection, recording_id: int, span: Range, limit: int) -> Columns:
    """Returns at most `limit` readings of a range, in order."""
    return await _slice(
        connection,
        Columns,
        "select * from app.readings_columns(%(recording_id)s, %(type)s, %(from)s, %(to)s, %(limit)s)",
        recording_id,
        span,
        limit,
    )


async def _slice(
    connection: Connection, row: type[Row], query: LiteralString, recording_id: int, span: Range, limit: int
) -> Row:
    parameters = {
        "recording_id": recording_id,
        "type": span.sensor_type_id,
        "from": span.from_at,
        "to": span.to_at,
        "limit": limit,
    }
    found = await fetch_one(connection, row, query, parameters, prepare=False)
    assert found is not None
    return found
