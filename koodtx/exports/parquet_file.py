"""Parquet: a row per reading, in the columns of the CSV file."""

import asyncio
import os
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from functools import partial
from typing import Any

import msgspec
import numpy as np

from koodtx.database.query import Connection
from koodtx.exports import store
from koodtx.exports.columns import HEADER, means_by_column
from koodtx.exports.errors import FormatNotInstalled
from koodtx.exports.messages import ArchivedMinute, ExportedSession, Sensor
from koodtx.exports.sink import Sink
from koodtx.exports.slices import archived_minutes, slices
from koodtx.readings.column_rules import COLUMNS
from koodtx.readings.pg_binary import unpack_doubles, unpack_times
from koodtx.readings.times import to_micros

# Readings of a row group, which several small sensors share. Measured: twice as many take 10 MB more.
_ROW_GROUP = 50_000
_TEXTS = ["session_id", "sensor_type", "value_key", "extra"]


def arrow() -> tuple[Any, Any]:
    """pyarrow and its part for Parquet. Raises FormatNotInstalled."""
    # Arrow reads this when it is loaded. Its own allocator keeps 25 MB more of a process that lives on.
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    try:
        import pyarrow
        import pyarrow.parquet
    except ModuleNotFoundError:
        raise FormatNotInstalled from None
    return pyarrow, pyarrow.parquet


async def write_parquet(connection: Connection, sessions: Sequence[ExportedSession]) -> AsyncGenerator[bytes]:
    """Sessions in the order given, sensors by name, readings by time; of each sensor archived minutes first."""
    file = await asyncio.to_thread(_File)
    for session in sessions:
        for sensor in await store.sensors(connection, session.recording_id):
            rows = _Rows(file, session.fields.session_id, sensor)
            async with aclosing(archived_minutes(connection, session, sensor)) as days:
                async for day in days:
                    if piece := await asyncio.to_thread(rows.add_archived, day):
                        yield piece
            read = partial(store.readings_packed, connection, session.recording_id)
            async with aclosing(slices(sensor, read)) as parts:
                async for part in parts:
                    if piece := await asyncio.to_thread(rows.add, part):
                        yield piece
    yield await asyncio.to_thread(file.end)


class _File:
    """Columns that become row groups, and these bytes."""

    def __init__(self) -> None:
        self.pa, parquet = arrow()
        types = dict.fromkeys(_TEXTS, self.pa.string()) | dict.fromkeys(COLUMNS, self.pa.float64())
        types |= {"recorded_at": self.pa.timestamp("us", "UTC"), "archived_count": self.pa.int64()}
        self._schema = self.pa.schema([(name, types[name]) for name in HEADER])
        self._sink = Sink()
        # Numbers of sensors hardly ever repeat: a dictionary of them would be built in vain.
        self._writer = parquet.ParquetWriter(self._sink, self._schema, compression="zstd", use_dictionary=_TEXTS)
        self._batches: list[Any] = []

    def add(self, columns: dict[str, Any], length: int) -> bytes:
        """Returns the bytes of a row group if one is full. Columns that are not given are empty."""
        arrays = [
            columns[field.name] if field.name in columns else self.pa.nulls(length, field.type)
            for field in self._schema
        ]
        self._batches.append(self.pa.RecordBatch.from_arrays(arrays, schema=self._schema))
        if sum(batch.num_rows for batch in self._batches) >= _ROW_GROUP:
            self._write()
        return self._sink.take()

    def end(self) -> bytes:
        self._write()
        self._writer.close()
        return self._sink.take()

    def _write(self) -> None:
        if self._batches:
            self._writer.write_table(self.pa.Table.from_batches(self._batches), row_group_size=2 * _ROW_GROUP)
            self._batches.clear()


class _Rows:
    """Readings of one sensor, as rows."""

    def __init__(self, file: _File, session_id: str, sensor: Sensor) -> None:
        self._file = file
        self._names = {"session_id": session_id, "sensor_type": sensor.sensor, "value_key": sensor.value_key}
        self._sensor = sensor

    def add(self, part: store.Packed) -> bytes:
        columns: dict[str, Any] = {"recorded_at": self._times(unpack_times(part.recorded_at or b""))}
        for name, packed in part.used().items():
            numbers = unpack_doubles(packed)
            columns[name] = self._file.pa.array(numbers, mask=np.isnan(numbers))
        if part.extras is not None:
            columns["extra"] = self._file.pa.array(part.extras, self._file.pa.string())
        return self._add(columns, part.readings)

    def add_archived(self, day: list[ArchivedMinute]) -> bytes:
        means = [means_by_column(self._sensor, minute) for minute in day]
        pa = self._file.pa
        columns = {name: pa.array([row.get(name) for row in means], pa.float64()) for name in COLUMNS}
        columns["recorded_at"] = self._times(np.array([to_micros(minute.at) for minute in day], np.int64))
        columns["extra"] = pa.array([msgspec.json.encode(minute.axes).decode() for minute in day], pa.string())
        columns["archived_count"] = pa.array([minute.readings for minute in day], pa.int64())
        return self._add(columns, len(day))

    def _add(self, columns: dict[str, Any], length: int) -> bytes:
        pa = self._file.pa
        names = {name: pa.repeat(pa.scalar(text, pa.string()), length) for name, text in self._names.items()}
        return self._file.add(names | columns, length)

    def _times(self, micros: Any) -> Any:
        return self._file.pa.array(micros).cast(self._file.pa.timestamp("us", "UTC"))
