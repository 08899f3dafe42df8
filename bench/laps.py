"""Many sessions of the real recording, written with SQL because pushing millions of readings would take hours."""

from typing import Any

import psycopg

from bench.copy import sensor_type_ids
from bench.data import readings, start_ms

_LAP = """
create temporary table lap (
    place integer primary key, sensor_type_id integer, since interval,
    x double precision, y double precision, z double precision
)
"""
# From one end of the span to the other.
_SESSIONS = """
insert into app.recording_sessions (
    user_id, session_id, start_time, end_time, is_uploaded, data_count, change_no, updated_at,
    first_reading_at, last_reading_at
)
select
    %(user_id)s, 'old-' || n, begin_at, begin_at + lap.last, true, %(size)s, n + 1, clock.changed_at,
    begin_at + lap.first, begin_at + lap.last
from generate_series(1, %(sessions)s) as n
cross join (select min(since) as first, max(since) as last from lap where place <= %(size)s) as lap
cross join lateral (
    select to_timestamp(%(start_s)s) + (n::float8 / %(sessions)s - 0.5) * %(span)s::interval as begin_at
) as time
join app.change_sequences as clock on clock.user_id = %(user_id)s
"""
_CHANGES = """
insert into app.reading_changes (recording_id, sensor_type_id, change_no, changed_at, from_at, to_at)
select s.id, lap.sensor_type_id, s.change_no, s.updated_at, s.start_time + min(lap.since), s.start_time + max(lap.since)
from app.recording_sessions as s cross join lap
where s.user_id = %(user_id)s and s.session_id like 'old-%%' and lap.place <= %(size)s
group by s.id, lap.sensor_type_id
"""
_READINGS = """
insert into app.sensor_data (recording_id, sensor_type_id, recorded_at, x, y, z)
select s.id, lap.sensor_type_id, s.start_time + lap.since, lap.x, lap.y, lap.z
from app.recording_sessions as s cross join lap
where s.user_id = %(user_id)s and s.session_id like 'old-%%' and lap.place <= %(size)s
-- As pushes of so many readings write them: each by sensor and time.
order by s.id, (lap.place - 1) / 5000, lap.sensor_type_id, lap.place
"""


def fill(
    connection: psycopg.Connection[Any], user_id: int, *, sessions: int, readings_each: int, span_days: int
) -> None:
    """Writes sessions old-1, old-2, ..., each a part of the recording, spread over the days around it.

    The sensor types must exist, so a push is needed first.
    """
    _make_lap(connection, user_id, readings_each)
    values = {
        "user_id": user_id,
        "start_s": start_ms() / 1000,
        "span": f"{span_days} days",
        "sessions": sessions,
        "size": readings_each,
    }
    for statement in (_SESSIONS, _CHANGES, _READINGS):
        connection.execute(statement, values)
    connection.execute(
        "update app.change_sequences set change_no = change_no + %(sessions)s where user_id = %(user_id)s", values
    )
    connection.execute("drop table lap")
    connection.execute("vacuum analyze")
    connection.execute("checkpoint")


def _make_lap(connection: psycopg.Connection[Any], user_id: int, size: int) -> None:
    connection.execute(_LAP)
    type_ids = sensor_type_ids(connection, user_id)
    start = round(start_ms() * 1000)
    with connection.cursor() as cursor, cursor.copy("copy lap from stdin") as copy:
        for place, (sensor, micros, x, y, z) in enumerate(readings(size), 1):
            copy.write_row((place, type_ids[sensor], f"{micros - start} microseconds", x, y, z))
