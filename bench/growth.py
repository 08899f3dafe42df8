"""Row growth: the same work beside millions of readings and on an empty database."""

from typing import Any

import psycopg
from msgspec.json import decode

from bench.client import Client
from bench.copy import sensor_type_ids
from bench.data import push_body, start_ms
from bench.figures import Figure
from bench.measure import in_turns
from bench.push import consecutive_batches, per_second
from bench.servers import Servers
from bench.sizes import Sizes

# Sessions begin all through the eight weeks around the pushes, so that these meet chunks that are full.
_SESSIONS = """
insert into app.recording_sessions
    (user_id, session_id, start_time, end_time, data_count, change_no, updated_at)
select
    %(user_id)s, 'old-' || n, begin_at, begin_at + interval '1 hour', %(size)s, n + 1, clock.changed_at
from generate_series(1, %(sessions)s) as n, app.owner_clock as clock,
    lateral (
        select to_timestamp(%(start_s)s) + (n::float8 / %(sessions)s - 0.5) * interval '56 days' as begin_at
    ) as time
where clock.user_id = %(user_id)s
"""
_CHANGES = """
insert into app.session_changes (session_id, sensor_type_id, change_no, changed_at, from_at, to_at)
select s.id, %(type)s, s.change_no, s.updated_at, s.start_time, s.end_time
from app.recording_sessions as s where s.session_id like 'old-%%'
"""
_READINGS = """
insert into app.sensor_data (session_id, sensor_type_id, recorded_at, x, y, z)
select s.id, %(type)s, s.start_time + n * interval '20 milliseconds', sin(n), cos(n), 9.8 + sin(n) / 100
from app.recording_sessions as s, generate_series(1, s.data_count) as n
where s.session_id like 'old-%%'
"""


def growth(servers: Servers, sizes: Sizes) -> list[Figure]:
    """Pushes, and pulls that find nothing new."""
    batches = consecutive_batches(sizes.rounds + 2, sizes.push_readings)
    bodies = [push_body("pushed", batch) for batch in batches]
    with (
        servers.api() as grown_api,
        servers.api() as empty_api,
        Client(grown_api.port) as beside_many,
        Client(empty_api.port) as alone,
    ):
        for phone in (beside_many, alone):
            phone.push(bodies[-1])
        _fill(grown_api.owner_url, beside_many.user_id, sizes)
        deltas = [_empty_delta(beside_many), _empty_delta(alone)]
        pulled = in_turns(lambda _: deltas[0](), lambda _: deltas[1](), 5 * sizes.rounds)
        pushed = in_turns(
            lambda number: beside_many.push(bodies[number]), lambda number: alone.push(bodies[number]), sizes.rounds
        )
    size = f"{sizes.grown_readings:,} readings"
    return [
        Figure(
            row="growth, push",
            value=pushed[0] / pushed[1],
            goal=1.2,
            is_at_least=False,
            measured=f"{per_second(sizes.push_readings, pushed[0])} readings/s beside {size}",
            against=f"{per_second(sizes.push_readings, pushed[1])} readings/s on an empty database",
        ),
        Figure(
            row="growth, empty pull",
            value=pulled[0] / pulled[1],
            goal=1.2,
            is_at_least=False,
            measured=f"{pulled[0] * 1000:.1f} ms with {sizes.grown_sessions:,} sessions, {size}",
            against=f"{pulled[1] * 1000:.1f} ms with one session",
        ),
    ]


def _fill(owner_url: str, user_id: int, sizes: Sizes) -> None:
    with psycopg.connect(owner_url, autocommit=True) as connection:
        values = {
            "user_id": user_id,
            "start_s": start_ms() / 1000,
            "sessions": sizes.grown_sessions,
            "size": sizes.grown_readings // sizes.grown_sessions,
            "type": next(iter(sensor_type_ids(connection).values())),
        }
        for statement in (_SESSIONS, _CHANGES, _READINGS):
            connection.execute(statement, values)
        connection.execute(
            "update app.owner_clock set change_no = change_no + %(sessions)s where user_id = %(user_id)s", values
        )
        connection.execute("vacuum analyze")
        connection.execute("checkpoint")


def _empty_delta(phone: Client) -> Any:
    """A pull in each form that has nothing to bring."""
    answer: dict[str, Any] = {"cursor": None, "has_more": True}
    while answer["has_more"]:
        answer = decode(phone.pull(cursor=answer["cursor"], include_data=False, page_size=100))
    time, cursor = answer["server_timestamp"], answer["cursor"]

    def pull() -> None:
        by_time = decode(phone.pull(last_sync_time=time))
        by_cursor = decode(phone.pull(cursor=cursor, include_data=False))
        assert by_time["sessions"] == by_cursor["sessions"] == []

    return pull
