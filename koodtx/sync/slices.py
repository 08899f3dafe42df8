"""Stored readings of a range of times, a slice at a time: by columns, or as text where these do not hold everything."""

from datetime import datetime
from typing import LiteralString

from msgspec import Struct

from koodtx.database.query import Connection, Row, fetch_one
from koodtx.sync.columns import Columns


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


async def readings_json(connection: Connection, recording_id: int, span: Range, limit: int) -> JsonSlice:
    """At most `limit` readings of a range, in order."""
    return await _slice(
        connection,
        JsonSlice,
        "select * from app.readings_json(%(recording_id)s, %(type)s, %(from)s, %(to)s, %(limit)s)",
        recording_id,
        span,
        limit,
    )


async def readings_columns(connection: Connection, recording_id: int, span: Range, limit: int) -> Columns:
    """At most `limit` readings of a range, in order."""
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
