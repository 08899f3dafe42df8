"""JSON as a pull gives it: sessions with their readings, and what is left of those that were archived."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

import msgspec

from koodtx.database.query import Connection
from koodtx.exports import store
from koodtx.exports.cells import time_cell
from koodtx.exports.messages import ArchivedMinute, ExportedSession, Sensor
from koodtx.exports.slices import archived_minutes, dense_first, slices, span_of
from koodtx.readings.read import JsonSlice, readings_json


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

    async def read_json(rest: Sensor) -> JsonSlice:
        return await readings_json(connection, session.recording_id, span_of(rest), store.SLICE)

    for sensor in sensors:
        async with aclosing(slices(sensor, dense_first(connection, session.recording_id, read_json))) as parts:
            async for part in parts:
                # In a thread, so that other requests are answered meanwhile.
                yield await asyncio.to_thread(part.json)


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
