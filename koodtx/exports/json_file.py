"""JSON as a pull gives it: sessions with their readings, and what is left of those that were archived."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

import msgspec

from koodtx.database.query import Connection
from koodtx.exports import store
from koodtx.exports.cells import time_cell
from koodtx.exports.messages import ArchivedMinute, ExportedSession, Sensor
from koodtx.exports.slices import archived_minutes, slices
from koodtx.readings.column_json import Columns
from koodtx.readings.read import JsonSlice, Range, readings_columns, readings_json


async def write_json(connection: Connection, sessions: Sequence[ExportedSession]) -> AsyncGenerator[bytes]:
    """`{"sessions": [...]}`; each has `sensor_data`, and `archived_minutes` where readings were archived."""
    yield b'{"sessions":['
    separator = b""
    for session in sessions:
        yield separator + msgspec.json.encode(session.fields)[:-1] + b',"sensor_data":['
        separator = b","
        sensors = await store.sensors(connection, session.recording_id)
        async with aclosing(_readings(connection, session, sensors)) as pieces:
            async for piece in _separated(pieces):
                yield piece
        yield b"]"
        if any(sensor.archived_days for sensor in sensors):
            yield b',"archived_minutes":['
            async with aclosing(_archived(connection, session, sensors)) as pieces:
                async for piece in _separated(pieces):
                    yield piece
            yield b"]"
        yield b"}"
    yield b"]}"


async def _separated(pieces: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    separator = b""
    async for piece in pieces:
        yield separator + piece
        separator = b","


async def _readings(
    connection: Connection, session: ExportedSession, sensors: Sequence[Sensor]
) -> AsyncGenerator[bytes]:
    """Items of `sensor_data`."""
    for sensor in sensors:
        async with aclosing(slices(sensor, _Reader(connection, session.recording_id))) as parts:
            async for part in parts:
                # In a thread, so that other requests are answered meanwhile.
                yield await asyncio.to_thread(part.json)


class _Reader:
    """Reads slices by columns, as long as these hold everything."""

    def __init__(self, connection: Connection, recording_id: int) -> None:
        self._connection = connection
        self._recording_id = recording_id
        self._is_dense = True

    async def __call__(self, rest: Sensor) -> Columns | JsonSlice:
        span = Range(rest.sensor_type_id, rest.from_at, rest.to_at)
        if self._is_dense:
            columns = await readings_columns(self._connection, self._recording_id, span, store.SLICE)
            if columns.is_dense:
                return columns
            self._is_dense = False
        return await readings_json(self._connection, self._recording_id, span, store.SLICE)


async def _archived(
    connection: Connection, session: ExportedSession, sensors: Sequence[Sensor]
) -> AsyncGenerator[bytes]:
    """Items of `archived_minutes`."""
    for sensor in sensors:
        async with aclosing(archived_minutes(connection, session, sensor)) as days:
            async for day in days:
                if day:
                    yield msgspec.json.encode([_item(sensor, minute) for minute in day])[1:-1]


def _item(sensor: Sensor, minute: ArchivedMinute) -> dict[str, object]:
    return {
        "sensor_type": sensor.sensor,
        "minute": time_cell(minute.at),
        "readings": minute.readings,
        "axes": minute.axes,
    }
