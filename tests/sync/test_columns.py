"""Readings read by columns are the readings read as text, and what columns cannot hold is not read by them."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from koodtx.readings.column_json import Columns
from koodtx.readings.read import JsonSlice, Range, readings_columns, readings_json
from koodtx.settings import Settings

pytestmark = [pytest.mark.integration, pytest.mark.sync]

Reading = Callable[..., dict[str, Any]]

DENSE = {
    "three axes": [{"x": 1.25, "y": -0.5, "z": 1e-7}, {"x": 2.0, "y": 3, "z": -9.81}],
    "whole numbers": [{"steps": 5}, {"steps": 7}],
    "zeros": [{"x": 0, "y": -0.0}, {"x": 0.0, "y": 1}],
    "a key without a column": [{"\u0440 \u2028/": 1.5}],
    "all columns": [
        {"x": 1, "y": 2, "z": 3, "latitude": 4, "longitude": 5, "altitude": 6, "accuracy": 7, "speed": 8, "bearing": 9}
    ],
    "nothing": [{}, {}, {}],
}
SPARSE = {
    "a gap": [{"x": 1, "y": 2}, {"x": 1}],
    "a text": [{"x": 1}, {"x": 2, "note": "a"}],
    "a key that JSON escapes": [{'"': 5}],
}


async def _read(settings: Settings, sensor_type_id: int) -> tuple[Columns, JsonSlice]:
    span = Range(sensor_type_id, datetime(2020, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC))
    async with await psycopg.AsyncConnection.connect(settings.database_url) as connection:
        row = await (await connection.execute("select id from app.recording_sessions")).fetchone()
        assert row is not None
        return (
            await readings_columns(connection, row[0], span, 1000),
            await readings_json(connection, row[0], span, 1000),
        )


def _stored(contents: list[Any], push: Any, reading: Reading, settings: Settings, db: Any) -> tuple[Columns, JsonSlice]:
    push([{**reading(index / 8, "thing"), "data": data} for index, data in enumerate(contents)])
    (sensor_type_id,) = db.execute("select id from app.sensor_types where name = 'thing'").fetchone()
    return asyncio.run(_read(settings, sensor_type_id))


@pytest.mark.parametrize("name", DENSE)
def test_columns_give_the_same_json(name: str, push: Any, reading: Reading, settings: Settings, db: Any) -> None:
    columns, text = _stored(DENSE[name], push, reading, settings, db)
    assert columns.is_dense
    written = json.loads(b"[" + columns.json() + b"]")
    assert written == json.loads(b"[" + text.json() + b"]")
    assert [item["data"] for item in written] == DENSE[name]
    assert (columns.readings, columns.last_at) == (text.readings, text.last_at)


@pytest.mark.parametrize("name", SPARSE)
def test_columns_know_what_they_cannot_give(
    name: str, push: Any, reading: Reading, settings: Settings, db: Any
) -> None:
    columns, text = _stored(SPARSE[name], push, reading, settings, db)
    assert not columns.is_dense
    assert [item["data"] for item in json.loads(b"[" + text.json() + b"]")] == SPARSE[name]


def test_columns_write_counts_as_integers_and_keep_the_sign_of_zero(
    push: Any, reading: Reading, settings: Settings, db: Any
) -> None:
    columns, _ = _stored([{"x": 5, "y": -0.0, "z": 2.5}, {"x": 6, "y": 1, "z": 3}], push, reading, settings, db)
    assert b'"x":5,"y":-0.0,"z":2.5}' in columns.json()
    assert b'"x":6,"y":1.0,"z":3.0}' in columns.json()
