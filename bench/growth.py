"""Row "growth": the same work on a database with millions of readings and on an empty one."""

from typing import Any

import psycopg
from msgspec.json import decode

from bench.client import Client
from bench.data import push_body
from bench.figures import Figure
from bench.laps import fill
from bench.measure import in_turns
from bench.push import consecutive_batches, per_second
from bench.servers import Servers
from bench.sizes import Sizes

# Days around the pushes, so that the pushes write to full chunks.
_SPAN_DAYS = 56


def growth(servers: Servers, sizes: Sizes) -> list[Figure]:
    """Measures pushes, and pulls without new data."""
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
        _grow(grown_api.owner_url, beside_many.user_id, sizes)
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
            goal=1.15,
            is_at_least=False,
            measured=f"{per_second(sizes.push_readings, pushed[0])} readings/s beside {size}",
            against=f"{per_second(sizes.push_readings, pushed[1])} readings/s on an empty database",
        ),
        Figure(
            row="growth, empty pull",
            value=pulled[0] / pulled[1],
            goal=1.15,
            is_at_least=False,
            measured=f"{pulled[0] * 1000:.1f} ms with {sizes.grown_sessions:,} sessions, {size}",
            against=f"{pulled[1] * 1000:.1f} ms with one session",
        ),
    ]


def _grow(owner_url: str, user_id: int, sizes: Sizes) -> None:
    each = sizes.grown_readings // sizes.grown_sessions
    with psycopg.connect(owner_url, autocommit=True) as connection:
        fill(connection, user_id, sessions=sizes.grown_sessions, readings_each=each, span_days=_SPAN_DAYS)


def _empty_delta(phone: Client) -> Any:
    """Returns a function that pulls by time and by cursor and receives no session."""
    answer: dict[str, Any] = {"cursor": None, "has_more": True}
    while answer["has_more"]:
        answer = decode(phone.pull(cursor=answer["cursor"], include_data=False, page_size=100))
    time, cursor = answer["server_timestamp"], answer["cursor"]

    def pull() -> None:
        by_time = decode(phone.pull(last_sync_time=time))
        by_cursor = decode(phone.pull(cursor=cursor, include_data=False))
        assert by_time["sessions"] == by_cursor["sessions"] == []

    return pull
