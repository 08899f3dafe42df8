"""The limit with which a push is compared: psycopg's binary COPY into the same hypertable, without HTTP."""

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from bench.data import Reading

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Row = tuple[int, int, datetime, float, float, float]


def sensor_type_ids(connection: psycopg.Connection[Any], user_id: int | None = None) -> dict[str, int]:
    """Numbers by name, of one user or, where there is only one, of all."""
    query = "select name, id from app.sensor_types where user_id = coalesce(%s, user_id)"
    return dict(connection.execute(query, [user_id]).fetchall())


def rows_of(recording_id: int, batch: list[Reading], type_ids: dict[str, int]) -> list[Row]:
    return [
        (recording_id, type_ids[sensor], _EPOCH + timedelta(microseconds=micros), x, y, z)
        for sensor, micros, x, y, z in batch
    ]


def copy_rows(connection: psycopg.Connection[Any], rows: list[Row]) -> None:
    """Writes the rows in one transaction."""
    with connection.transaction(), connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        copy.set_types(["int4", "int4", "timestamptz", "float8", "float8", "float8"])
        for row in rows:
            copy.write_row(row)


_COPY = "copy app.sensor_data (recording_id, sensor_type_id, recorded_at, x, y, z) from stdin (format binary)"
