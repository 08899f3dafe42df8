"""The readings of a sensor, one statement after another in one transaction: memory does not grow with the session."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

import msgspec

from koodtx.database.query import Connection
from koodtx.exports import store
from koodtx.exports.messages import ArchivedMinute, ExportedSession, Sensor
from koodtx.readings.column_json import Columns
from koodtx.readings.read import Range, readings_columns
from koodtx.sync.prefetch import one_ahead

_MICROSECOND = timedelta(microseconds=1)


class HasEnd(Protocol):
    """Some readings; `last_at`: the time of the last, None: there are none."""

    @property
    def readings(self) -> int: ...

    @property
    def last_at(self) -> datetime | None: ...


Part = TypeVar("Part", bound=HasEnd)


async def slices(sensor: Sensor, read: Callable[[Sensor], Awaitable[Part]]) -> AsyncGenerator[Part]:
    """What `read` returns of the readings from the `from_at` of its argument on, slice by slice, to the last one.

    While one slice is used, the next is read.
    """
    async with aclosing(one_ahead(_slices(sensor, read))) as parts:
        async for part in parts:
            yield part


async def _slices(rest: Sensor, read: Callable[[Sensor], Awaitable[Part]]) -> AsyncGenerator[Part]:
    while True:
        part = await read(rest)
        if part.last_at is None:
            return
        yield part
        if part.readings < store.SLICE:
            return
        rest = msgspec.structs.replace(rest, from_at=part.last_at + _MICROSECOND)


def dense_first(
    connection: Connection, recording_id: int, otherwise: Callable[[Sensor], Awaitable[Part]]
) -> Callable[[Sensor], Awaitable[Columns | Part]]:
    """Returns a `read` for `slices` that reads by columns as long as these hold everything, and then by `otherwise`."""
    is_dense = True

    async def read(rest: Sensor) -> Columns | Part:
        nonlocal is_dense
        if is_dense:
            found = await readings_columns(connection, recording_id, span_of(rest), store.SLICE)
            if found.is_dense:
                return found
            # What one slice has besides plain columns, the rest of the sensor mostly has too.
            is_dense = False
        return await otherwise(rest)

    return read


def span_of(sensor: Sensor) -> Range:
    return Range(sensor.sensor_type_id, sensor.from_at, sensor.to_at)


async def archived_minutes(
    connection: Connection, session: ExportedSession, sensor: Sensor
) -> AsyncGenerator[list[ArchivedMinute]]:
    """What is left of archived readings, a list per UTC day."""
    for day in sensor.archived_days:
        yield await store.archived_minutes(connection, session.recording_id, sensor.sensor_type_id, day)
