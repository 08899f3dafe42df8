"""Row "storage": bytes per reading on disk, including indexes."""

from typing import Any

import psycopg

from bench.client import Client
from bench.data import push_body, readings
from bench.figures import Figure
from bench.laps import fill
from bench.servers import Servers
from bench.sizes import Sizes

_DAYS = 30
# The obvious alternative: a row per reading with the JSON that the phone sent.
_AS_JSON = """
create table json_readings (
    id bigserial primary key, session_id bigint, sensor text, recorded_at timestamptz, data jsonb
);
create index on json_readings (session_id, sensor, recorded_at);
insert into json_readings (session_id, sensor, recorded_at, data)
select d.recording_id, t.name, d.recorded_at, jsonb_build_object('x', d.x, 'y', d.y, 'z', d.z)
from app.sensor_data as d
join app.recording_sessions as s on s.id = d.recording_id
join app.sensor_types as t on t.user_id = s.user_id and t.id = d.sensor_type_id
"""


def storage(servers: Servers, sizes: Sizes) -> list[Figure]:
    """Measures the motion sensors of the recording, one session per day; also in the columnstore on Community."""
    with servers.api() as api, Client(api.port) as phone, psycopg.connect(api.owner_url, autocommit=True) as connection:
        phone.push(push_body("pushed", readings(30)))
        each = sizes.stored_readings // _DAYS
        fill(connection, phone.user_id, sessions=_DAYS, readings_each=each, span_days=_DAYS)
        connection.execute(_AS_JSON)
        count = _one(connection, "select count(*) from app.sensor_data")
        json_bytes = _one(connection, "select pg_total_relation_size('json_readings')")
        as_json = f"{json_bytes / count:.0f} as JSONB"
        figures = [_figure("storage, rows", _stored_bytes(connection) / count, 126, as_json)]
        if _one(connection, "select app.edition()") == "community":
            connection.execute("select compress_chunk(c, true) from show_chunks('app.sensor_data') as c")
            figures.append(_figure("storage, columns", _stored_bytes(connection) / count, 16, as_json))
    return figures


def _stored_bytes(connection: psycopg.Connection[Any]) -> int:
    is_plain = _one(connection, "select app.edition()") == "plain"
    size = "pg_total_relation_size" if is_plain else "hypertable_size"
    return int(_one(connection, f"select {size}('app.sensor_data')"))


def _one(connection: psycopg.Connection[Any], query: str) -> Any:
    row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def _figure(row: str, size: float, goal: float, as_json: str) -> Figure:
    return Figure(
        row=row,
        value=size,
        goal=goal,
        is_at_least=False,
        measured="bytes per reading with its index, 50 Hz, three axes",
        against=as_json,
        unit="B",
    )
