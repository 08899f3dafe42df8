"""Packed blocks are what PostgreSQL reads, whatever is missing in them."""

from typing import Any

import numpy as np
import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from koodtx.readings.blocks import Block
from koodtx.readings.column_rules import COLUMNS
from koodtx.readings.pg_binary import (
    COPY_HEADER,
    COPY_TRAILER,
    copy_rows,
    double_array,
    integer_array,
    pack_doubles,
    pack_times,
    timestamp_array,
    unpack_doubles,
    unpack_times,
)

pytestmark = [pytest.mark.integration]

_doubles = st.floats(allow_nan=False, allow_infinity=False)
_micros = st.lists(st.integers(0, 2**52), min_size=1, max_size=8, unique=True).map(sorted)
_KEY = ["recording_id", "sensor_type_id", "recorded_at"]


@st.composite
def blocks(draw: st.DrawFn) -> Block:
    micros = draw(_micros)
    names = draw(st.sets(st.sampled_from(COLUMNS), max_size=4))
    values = st.lists(_doubles | st.just(float("nan")), min_size=len(micros), max_size=len(micros))
    extra = st.lists(st.none() | st.just(b'{"a": "\xc3\xa9"}'), min_size=len(micros), max_size=len(micros))
    columns = {name: np.array(draw(values)) for name in names}
    return Block(7, np.array(micros, np.int64), columns, draw(st.none() | extra))


@given(block=blocks(), others=st.sets(st.sampled_from(COLUMNS), max_size=2))
def test_rows_are_copied_as_they_are(db: psycopg.Connection[Any], block: Block, others: set[str]) -> None:
    names = block.used | others
    listed = [*_KEY, *(name for name in (*COLUMNS, "extra") if name in names)]
    db.execute("delete from app.sensor_data")
    with (
        db.cursor() as cursor,
        cursor.copy(f"copy app.sensor_data ({', '.join(listed)}) from stdin (format binary)") as c,
    ):
        c.write(COPY_HEADER + copy_rows(block, 5, names) + COPY_TRAILER)
    found = db.execute(
        f"select recording_id, sensor_type_id, (extract(epoch from recorded_at) * 1000000)::bigint,"
        f" {', '.join(COLUMNS)}, extra::text from app.sensor_data order by recorded_at"
    ).fetchall()
    expected = [
        (5, 7, micros, *(_value(block, name, index) for name in COLUMNS), _extra(block, index))
        for index, micros in enumerate(block.micros.tolist())
    ]
    assert found == expected


def _value(block: Block, name: str, index: int) -> float | None:
    column = block.columns.get(name)
    return None if column is None or np.isnan(column[index]) else float(column[index])


def _extra(block: Block, index: int) -> str | None:
    text = None if block.extra is None else block.extra[index]
    return None if text is None else text.decode()


@given(values=st.lists(_doubles | st.none(), max_size=20), micros=st.lists(st.integers(0, 2**52), max_size=20))
def test_arrays_are_read_as_they_are(db: psycopg.Connection[Any], values: list[Any], micros: list[int]) -> None:
    doubles = np.array([np.nan if value is None else value for value in values], np.float64)
    numbers = [value % 1000 for value in micros]
    row = db.execute(
        "select %b, %b, array(select (extract(epoch from t) * 1000000)::bigint from unnest(%b) as t)",
        [
            double_array(doubles),
            integer_array(np.array(numbers, np.int64)),
            timestamp_array(np.array(micros, np.int64)),
        ],
    ).fetchone()
    assert row == (values, numbers, micros)


@given(values=st.lists(_doubles), micros=st.lists(st.integers(0, 2**52)))
def test_what_is_packed_is_unpacked(values: list[float], micros: list[int]) -> None:
    assert list(map(repr, unpack_doubles(pack_doubles(np.array(values))).tolist())) == list(map(repr, values))
    assert unpack_times(pack_times(np.array(micros, np.int64))).tolist() == micros
