"""Rows push, push-columns, wire and re-push: one phone, 10,000 readings per push."""

import gzip
from collections.abc import Callable

import psycopg

from bench.client import Client
from bench.copy import copy_rows, rows_of, sensor_type_ids
from bench.data import Reading, columns_body, push_body, readings
from bench.figures import Figure
from bench.measure import in_turns
from bench.servers import Servers
from bench.sizes import Sizes

_COPIED_SESSION = 1_000_000_000

Body = Callable[[str, list[Reading]], bytes]


def push(servers: Servers, sizes: Sizes) -> list[Figure]:
    """Over HTTP against COPY of the same rows into the same hypertable."""
    return [_against_copy(servers, sizes, "push", push_body, goal=0.5)]


def push_columns(servers: Servers, sizes: Sizes) -> list[Figure]:
    """The same in column form."""
    return [_against_copy(servers, sizes, "push-columns", columns_body, goal=0.8)]


def _against_copy(servers: Servers, sizes: Sizes, row: str, body: Body, *, goal: float) -> Figure:
    batches = consecutive_batches(sizes.rounds + 2, sizes.push_readings)
    bodies = [body("pushed", batch) for batch in batches]
    with (
        servers.api() as api,
        Client(api.port) as phone,
        psycopg.connect(api.owner_url, autocommit=True) as connection,
    ):
        phone.push(bodies[-1])
        type_ids = sensor_type_ids(connection)
        rows = [rows_of(_COPIED_SESSION, batch, type_ids) for batch in batches]
        pushed_s, copied_s = in_turns(
            lambda number: phone.push(bodies[number]), lambda number: copy_rows(connection, rows[number]), sizes.rounds
        )
        stored = connection.execute("select count(*) from app.sensor_data").fetchone()
        assert stored == ((2 * (sizes.rounds + 1) + 1) * sizes.push_readings,)
    return Figure(
        row=row,
        value=copied_s / pushed_s,
        goal=goal,
        is_at_least=True,
        measured=f"{per_second(sizes.push_readings, pushed_s)} readings/s over HTTP",
        against=f"{per_second(sizes.push_readings, copied_s)} rows/s by binary COPY",
    )


def wire(_: Servers, sizes: Sizes) -> list[Figure]:
    """Bytes per reading of a push on the wire, as rows and in column form, each in gzip."""
    [batch] = consecutive_batches(1, sizes.push_readings)
    rows, columns = push_body("pushed", batch), columns_body("pushed", batch)
    packed_rows, packed_columns = (len(gzip.compress(body)) for body in (rows, columns))
    size = sizes.push_readings
    return [
        Figure(
            row="wire",
            value=packed_columns / packed_rows,
            goal=0.4,
            is_at_least=False,
            measured=f"{packed_columns / size:.1f} bytes per reading in columns and gzip ({len(columns) / size:.1f})",
            against=f"{packed_rows / size:.1f} in rows and gzip ({len(rows) / size:.1f})",
        )
    ]


def re_push(servers: Servers, sizes: Sizes) -> list[Figure]:
    """Compares repeated pushes without push_id with the first pushes."""
    bodies = [push_body("pushed", batch) for batch in consecutive_batches(sizes.rounds + 2, sizes.push_readings)]
    with servers.api() as api, Client(api.port) as phone:
        phone.push(bodies[0])

        def push_new(number: int) -> None:
            assert phone.push(bodies[number + 1])["inserted"] == sizes.push_readings

        def push_again(number: int) -> None:
            assert phone.push(bodies[0])["duplicates"] == sizes.push_readings

        new_s, again_s = in_turns(push_new, push_again, sizes.rounds)
    return [
        Figure(
            row="re-push",
            value=new_s / again_s,
            goal=1.3,
            is_at_least=True,
            measured=f"{per_second(sizes.push_readings, again_s)} readings/s, all duplicates",
            against=f"{per_second(sizes.push_readings, new_s)} readings/s, all new",
        )
    ]


def consecutive_batches(count: int, size: int) -> list[list[Reading]]:
    """Returns batches of one recording that follow each other in time."""
    recording = readings(count * size)
    return [recording[start : start + size] for start in range(0, count * size, size)]


def per_second(count: int, seconds: float) -> str:
    return f"{count / seconds:,.0f}"
