"""Row "user-rollups": a month of one user per hour, of live sessions, beside the readings of another user."""

from typing import Any

import psycopg

from bench.client import Client
from bench.data import push_body, readings
from bench.figures import Figure
from bench.laps import fill
from bench.measure import seconds_of
from bench.servers import Servers
from bench.sizes import Sizes

_DAYS = 30
# Both read the user's chunks only: docs/analysts.md.
_HOURS = """
select n.sensor, h.bucket, h.mean, h.std
from analytics.sessions as s
join analytics.session_sensors as n on n.recording_id = s.recording_id
cross join lateral (
    select r.bucket, r.mean, r.std from analytics.rollup_hour as r
    where r.recording_id = s.recording_id and r.sensor_type_id = n.sensor_type_id and r.axis = 'magnitude' offset 0
) as h
where s.user_id = {user}
order by 1, 2
"""
_HOURS_OF_READINGS = """
select n.sensor, h.bucket, h.mean, h.std
from analytics.sessions as s
join analytics.session_sensors as n on n.recording_id = s.recording_id
cross join lateral (
    select date_trunc('hour', d.recorded_at) as bucket, avg(d.magnitude) as mean, stddev_samp(d.magnitude) as std
    from analytics.readings as d
    where d.recording_id = s.recording_id and d.sensor_type_id = n.sensor_type_id
        and d.recorded_at between s.first_reading_at and s.last_reading_at
    group by 1 offset 0
) as h
where s.user_id = {user}
order by 1, 2
"""


def user_rollups(servers: Servers, sizes: Sizes) -> list[Figure]:
    """Compares mean and deviation per hour of one user's sessions from rollups and from readings."""
    with (
        servers.api() as api,
        Client(api.port) as phone,
        Client(api.port) as other,
        psycopg.connect(api.owner_url, autocommit=True) as connection,
    ):
        for client, count in ((other, sizes.others_readings), (phone, sizes.users_readings)):
            client.push(push_body("pushed", readings(30)))
            fill(connection, client.user_id, sessions=_DAYS, readings_each=count // _DAYS, span_days=_DAYS)
        raw_s, raw = _measure(connection, _HOURS_OF_READINGS, phone.user_id, sizes.analyses)
        unstored_s, _ = _measure(connection, _HOURS, phone.user_id, sizes.analyses)
        is_community = connection.execute("select app.edition()").fetchone() == ("community",)
        stored_s = seconds_of(lambda: _store(connection, is_community=is_community))
        bytes_per_reading = _bytes(connection) / (sizes.users_readings + sizes.others_readings)
        rolled_s, rolled = _measure(connection, _HOURS, phone.user_id, 5 * sizes.analyses)
        assert [row[:2] for row in rolled] == [row[:2] for row in raw]
    return [
        Figure(
            row="user-rollups",
            value=raw_s / rolled_s,
            goal=1000 if is_community else 20,
            is_at_least=True,
            measured=f"{rolled_s * 1000:.1f} ms by rollup_hour of a user, {bytes_per_reading:.2f} bytes per reading,"
            f" stored in {stored_s:.1f} s; {unstored_s:.2f} s before",
            against=f"{raw_s:.2f} s from {sizes.users_readings:,} readings beside {sizes.others_readings:,} of others",
        )
    ]


def _measure(connection: psycopg.Connection[Any], query: str, user: int, times: int) -> tuple[float, list[Any]]:
    """Returns the shortest time in seconds, and the rows."""
    text = query.format(user=user).encode()
    rows = connection.execute(text).fetchall()
    return min(seconds_of(lambda: connection.execute(text).fetchall()) for _ in range(times)), rows


def _store(connection: psycopg.Connection[Any], *, is_community: bool) -> None:
    if is_community:
        for name in ("app.minute_partials", "app.hour_partials"):
            connection.execute("call refresh_continuous_aggregate(%s, null, null)", [name])
        return
    # As if nobody had pushed for a while: sessions that go on keep their last hour.
    connection.execute("update app.recording_sessions set last_push_at = last_push_at - interval '1 hour'")
    for (session,) in connection.execute("select recording_id from app.sessions_to_store()").fetchall():
        while connection.execute("select app.store_partials(%s)", [session]).fetchone() == (True,):
            pass
    connection.execute("vacuum analyze app.stored_partials")


def _bytes(connection: psycopg.Connection[Any]) -> int:
    row = connection.execute("select pg_total_relation_size('app.stored_partials')").fetchone()
    assert row is not None
    return int(row[0])
