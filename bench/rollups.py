"""Rows "rollups", "clean-up" and "refresh": a month of recordings per hour, archived, and with a late session."""

from typing import Any

import psycopg

from bench.client import Client
from bench.data import push_body, readings
from bench.figures import Figure
from bench.laps import fill
from bench.measure import in_turns, seconds_of
from bench.servers import Servers
from bench.sizes import Sizes

_DAYS = 30
_HOURS = """
select h.sensor, date_trunc('hour', h.bucket), float8_avg(m), float8_stddev_samp(m)
from (
    select sensor, bucket, analytics.merged_moments(moments) as m
    from analytics.rollup_hour where axis = 'magnitude' group by sensor, bucket
) as h
order by 1, 2
"""
_HOURS_OF_READINGS = """
select t.name, date_trunc('hour', d.recorded_at), avg(d.magnitude), stddev_samp(d.magnitude)
from analytics.readings as d join app.sensor_types as t on t.id = d.sensor_type_id
group by 1, 2 order by 1, 2
"""


def rollups(servers: Servers, sizes: Sizes) -> list[Figure]:
    """Compares mean and deviation per hour and sensor over 30 days from rollups and from readings."""
    with servers.api() as api, Client(api.port) as phone, psycopg.connect(api.owner_url, autocommit=True) as connection:
        _fill(connection, phone, sizes)
        is_community = _is_community(connection)
        if is_community:
            _refresh(connection)
        raw = _rows(connection, _HOURS_OF_READINGS)
        raw_s = min(seconds_of(lambda: _rows(connection, _HOURS_OF_READINGS)) for _ in range(sizes.analyses))
        if not is_community:
            # On the other editions only archived sessions have stored rollups.
            connection.execute("select app.archive_readings(id) from app.recording_sessions")
        assert len(_rows(connection, _HOURS)) == len(raw)
        rolled_s = min(seconds_of(lambda: _rows(connection, _HOURS)) for _ in range(5 * sizes.analyses))
    return [
        Figure(
            row="rollups",
            value=raw_s / rolled_s,
            goal=500 if is_community else 50,
            is_at_least=True,
            measured=f"{rolled_s * 1000:.1f} ms by rollup_hour, {'stored' if is_community else 'archived'}",
            against=f"{raw_s:.2f} s from {sizes.stored_readings:,} readings",
        )
    ]


def clean_up(servers: Servers, sizes: Sizes) -> list[Figure]:
    """Compares archiving sessions with only deleting the same readings."""
    with servers.api() as api, Client(api.port) as phone, psycopg.connect(api.owner_url, autocommit=True) as connection:
        _fill(connection, phone, sizes)
        delete = "delete from app.sensor_data as d using app.recording_sessions as s where s.session_id = %s" + (
            " and d.recording_id = s.id and d.recorded_at between s.first_reading_at and s.last_reading_at"
        )
        archived_s, deleted_s = in_turns(
            lambda n: connection.execute(
                "select app.archive_readings(id) from app.recording_sessions where session_id = %s",
                [f"old-{2 * n + 1}"],
            ),
            lambda n: connection.execute(delete, [f"old-{2 * n + 2}"]),
            min(sizes.rounds, _DAYS // 2 - 1),
        )
    each = sizes.stored_readings // _DAYS
    return [
        Figure(
            row="clean-up",
            value=deleted_s / archived_s,
            goal=0.1,
            is_at_least=True,
            measured=f"{each / archived_s:,.0f} readings/s rolled up by minute, hour and day, and deleted",
            against=f"{each / deleted_s:,.0f} readings/s deleted",
        )
    ]


def refresh(servers: Servers, sizes: Sizes) -> list[Figure]:
    """Compares a refresh after a late session with a refresh of everything; only on Community."""
    with servers.api() as api, Client(api.port) as phone, psycopg.connect(api.owner_url, autocommit=True) as connection:
        _fill(connection, phone, sizes)
        if not _is_community(connection):
            return []
        all_s = seconds_of(lambda: _refresh(connection))
        phone.push(push_body("late", readings(sizes.push_readings)))
        late_s = seconds_of(lambda: _refresh(connection))
    return [
        Figure(
            row="refresh",
            value=late_s / all_s,
            goal=0.2,
            is_at_least=False,
            measured=f"{late_s:.2f} s after {sizes.push_readings:,} late readings",
            against=f"{all_s:.1f} s for all {sizes.stored_readings:,}",
        )
    ]


def _fill(connection: psycopg.Connection[Any], phone: Client, sizes: Sizes) -> None:
    phone.push(push_body("pushed", readings(30)))
    fill(connection, phone.user_id, sessions=_DAYS, readings_each=sizes.stored_readings // _DAYS, span_days=_DAYS)


def _is_community(connection: psycopg.Connection[Any]) -> bool:
    return connection.execute("select app.edition()").fetchone() == ("community",)


def _refresh(connection: psycopg.Connection[Any]) -> None:
    for name in ("app.minute_partials", "app.hour_partials"):
        connection.execute("call refresh_continuous_aggregate(%s, null, now() - interval '2 hours')", [name])


def _rows(connection: psycopg.Connection[Any], query: str) -> list[Any]:
    return connection.execute(query.encode()).fetchall()
