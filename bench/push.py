"""Rows "push" and "re-push": one phone, 10,000 readings per push."""

import psycopg

from bench.client import Client
from bench.copy import copy_rows, rows_of, sensor_type_ids
from bench.data import Reading, push_body, readings
from bench.figures import Figure
from bench.measure import in_turns
from bench.servers import Servers
from bench.sizes import Sizes

_COPIED_SESSION = 1_000_000_000


def push(servers: Servers, sizes: Sizes) -> list[Figure]:
    """Compares pushes over HTTP with COPY of the same rows into the same hypertable."""
    batches = consecutive_batches(sizes.rounds + 2, sizes.push_readings)
    bodies = [push_body("pushed", batch) for batch in batches]
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
    return [
        Figure(
            row="push",
            value=copied_s / pushed_s,
            goal=0.40,
            is_at_least=True,
            measured=f"{per_second(sizes.push_readings, pushed_s)} readings/s over HTTP",
            against=f"{per_second(sizes.push_readings, copied_s)} rows/s by binary COPY",
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
            goal=1.0,
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
