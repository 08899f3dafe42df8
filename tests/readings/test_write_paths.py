"""Readings written by COPY and by upsert are the same rows."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest
from hypothesis import given

from koodtx.readings.blocks import Block
from koodtx.readings.sensor_types import SensorType
from koodtx.readings.value_keys import proposed_value_keys
from koodtx.readings.write import copy_readings, upsert_readings
from koodtx.settings import Settings
from koodtx.sync.push.arrange import arrange, columns_of
from koodtx.sync.push.decode import Limits, decode_push
from tests.sync.json_texts import push_text, reading_text, readings

pytestmark = [pytest.mark.integration, pytest.mark.sync]

COPIED, UPSERTED, REPLACED = 1, 2, 3
LIMITS = Limits(max_readings=50_000, max_age_days=5475, max_sensors=64)


def blocks_of(body: bytes) -> tuple[list[Block], set[str]]:
    """The blocks of a push, and the columns that they will most probably use."""
    groups = decode_push(body, LIMITS).batch.groups
    proposed = proposed_value_keys(groups)
    names = sorted({group.sensor for group in groups})
    types = {name: SensorType(name, number, proposed.get(name)) for number, name in enumerate(names, start=1)}
    arranged = [arrange([group for group in groups if group.sensor == name], types[name], []) for name in types]
    return [found.block for found in arranged if found.block is not None], columns_of(groups, types)


async def each(blocks: list[Block]) -> AsyncIterator[Block]:
    for block in blocks:
        yield block


async def write_all_ways(settings: Settings, pushed: bytes, older: bytes) -> int:
    """The readings copied, upserted where nothing was, and upserted over others of the same keys. How many they are."""
    blocks, columns = blocks_of(pushed)
    old_blocks, old_columns = blocks_of(older)
    async with await psycopg.AsyncConnection.connect(settings.database_url, autocommit=True) as connection:
        await connection.execute("delete from app.sensor_data")
        copied = await copy_readings(connection, COPIED, each(blocks), columns)
        upserted = await upsert_readings(connection, UPSERTED, blocks)
        await copy_readings(connection, REPLACED, each(old_blocks), old_columns)
        replaced = await upsert_readings(connection, REPLACED, blocks)
    assert sorted(copied, key=str) == sorted(upserted, key=str)
    assert sum(change.inserted for change in replaced) == 0
    return sum(map(len, blocks))


def rows(db: psycopg.Connection[Any], session_id: int) -> list[Any]:
    query = """
        select sensor_type_id, recorded_at, x, y, z, value, latitude, longitude, altitude, accuracy, speed, bearing,
            extra::text
        from app.sensor_data where recording_id = %s order by sensor_type_id, recorded_at
    """
    return db.execute(query, [session_id]).fetchall()


@given(pushed=readings)
def test_write_paths_give_the_same_rows(
    settings: Settings, db: psycopg.Connection[Any], pushed: list[tuple[str, str, str]]
) -> None:
    body = push_text("walk", [reading_text(*item) for item in pushed])
    other = json.dumps({"x": 0.125, "latitude": 45.5, "was": "another"})
    older = push_text("walk", [reading_text(sensor, time, other) for sensor, time, _ in pushed])
    written = asyncio.run(write_all_ways(settings, body, older))
    found = rows(db, COPIED)
    assert len(found) == written
    assert found == rows(db, UPSERTED) == rows(db, REPLACED)


def test_write_paths_give_the_same_rows_of_a_large_batch(settings: Settings, db: psycopg.Connection[Any]) -> None:
    items = [
        reading_text(sensor, str(1_760_000_000_000 + index), json.dumps({"x": index / 8, "y": -1.5, "z": index}))
        for sensor in ("accelerometer", "gyroscope")
        for index in range(5000)
    ]
    body = push_text("walk", items)
    asyncio.run(write_all_ways(settings, body, body))
    assert len(rows(db, COPIED)) == 10_000
    assert rows(db, COPIED) == rows(db, UPSERTED) == rows(db, REPLACED)


def test_write_paths_through_http_choose_rightly(client: Any, auth_headers: Any, db: psycopg.Connection[Any]) -> None:
    """A batch that touches earlier times anywhere must not be copied: its duplicates would fail it whole."""

    def push(*offsets: int) -> Any:
        items = [reading_text("light", str(1_760_000_000_000 + offset), '{"lux":1}') for offset in offsets]
        headers = auth_headers | {"Content-Type": "application/json"}
        reply = client.post("/api/sync/push", content=push_text("walk", items), headers=headers)
        assert reply.status_code == 200, reply.text
        return reply.json()["inserted"], reply.json()["duplicates"]

    assert push(1000, 2000) == (2, 0)
    assert push(2000) == (0, 1)
    assert push(0, 1000) == (1, 1)
    assert push(3000, 1500) == (2, 0)
    assert push(500, 2500) == (2, 0)
    assert push(4000, 5000) == (2, 0)
    assert push(5000, 6000) == (1, 1)
    assert db.execute("select count(*) from app.sensor_data").fetchone() == (10,)
