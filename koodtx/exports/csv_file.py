"""One CSV file: a row per reading, in the same columns for every sensor."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

import msgspec

from koodtx.database.query import Connection
from koodtx.exports import store
from koodtx.exports.cells import BOM, LINE_END, line, number_cell, quoted, text_cell, time_cell
from koodtx.exports.columns import DATA_COLUMNS, HEADER, means_by_column
from koodtx.exports.csv_rows import RowForm, csv_rows
from koodtx.exports.messages import ArchivedMinute, ExportedSession, Sensor
from koodtx.exports.slices import archived_minutes
from koodtx.readings.column_rules import COLUMNS


async def write_csv(connection: Connection, sessions: Sequence[ExportedSession]) -> AsyncGenerator[bytes]:
    """Sessions in the order given, sensors by name, readings by time; of each sensor archived minutes first."""
    yield BOM + line(HEADER).encode()
    for session in sessions:
        for sensor in await store.sensors(connection, session.recording_id):
            async with aclosing(_sensor(connection, session, sensor)) as pieces:
                async for piece in pieces:
                    yield piece


async def _sensor(connection: Connection, session: ExportedSession, sensor: Sensor) -> AsyncGenerator[bytes]:
    names = (session.fields.session_id, sensor.sensor, sensor.value_key or "")
    head = "".join(text_cell(name) + "," for name in names)
    async with aclosing(archived_minutes(connection, session, sensor)) as days:
        async for day in days:
            yield "".join(head + _archived_row(sensor, minute) for minute in day).encode()
    # An archived_count that is empty: the row is a reading.
    form = RowForm(DATA_COLUMNS, head, "," + LINE_END)
    async with aclosing(csv_rows(connection, session.recording_id, sensor, form)) as pieces:
        async for piece in pieces:
            yield piece


def _archived_row(sensor: Sensor, minute: ArchivedMinute) -> str:
    means = means_by_column(sensor, minute)
    extra = quoted(msgspec.json.encode(minute.axes).decode())
    numbers = [number_cell(means.get(column)) for column in COLUMNS]
    return line([time_cell(minute.at), *numbers, extra, str(minute.readings)])
