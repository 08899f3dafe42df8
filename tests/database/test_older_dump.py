"""A database of an older version, with rows in it, migrated to this one."""

from pathlib import Path
from typing import Any

import psycopg
import pytest
from litestar.testing import TestClient
from psycopg import Connection, sql

from koodtx.app import create_app
from koodtx.database.migrate import migrate
from tests.database.listing import listing
from tests.support.command_settings import settings_of
from tests.support.settings import PASSWORD, make_settings

pytestmark = [pytest.mark.integration]

_DUMP = Path(__file__).parent.parent / "data" / "koodtx_0011.sql"

# What migration 0004 does with TimescaleDB; a dump of hypertables would bind the test to one version of TimescaleDB.
_HYPERTABLES = """
create extension timescaledb;
select create_hypertable('app.sensor_data', by_range('recorded_at', interval '7 days'),
    create_default_indexes => false, migrate_data => true);
select create_hypertable('app.sync_logs', by_range('created_at', interval '30 days'),
    create_default_indexes => false, migrate_data => true);
"""


@pytest.fixture
def older(empty_database: str, template: str) -> str:
    """The URL of a database of the first version, as of migration 0011. The template has made the roles."""
    with psycopg.connect(empty_database, autocommit=True) as connection:
        connection.execute(_DUMP.read_text())  # type: ignore[call-overload]
    # In a session of its own: the dump empties the search path.
    with psycopg.connect(empty_database, autocommit=True) as connection:
        query = "select 1 from pg_available_extensions where name = 'timescaledb'"
        if connection.execute(query).fetchone():
            for statement in _HYPERTABLES.split(";\n"):
                connection.execute(statement)  # type: ignore[call-overload]
    return empty_database


def rows(connection: Connection[Any], table: str) -> list[Any]:
    query = sql.SQL("select to_jsonb(t) from app.{} as t order by to_jsonb(t)::text")
    return [row[0] for row in connection.execute(query.format(sql.Identifier(table)))]


def test_every_row_of_an_older_database_is_there_after_migrating(older: str) -> None:
    with psycopg.connect(older, autocommit=True) as connection:
        tables = [name for (name,) in connection.execute("select tablename from pg_tables where schemaname = 'app'")]
        before = {table: rows(connection, table) for table in tables}
        migrate(settings_of(older), say=lambda line: None)
        after = {table: rows(connection, table) for table in tables}
    # Four are of the deleted session, whose job has not run.
    assert len(before["sensor_data"]) == 32
    kept_by_migrations = {
        "deployed_sql",
        "migration_checksums",
        "yoyo_migration",
        "_yoyo_log",
        "_yoyo_version",
        "yoyo_lock",
    }
    # Defaults of later versions.
    later = {"store-rollups", "cleanup-uploaded-files", "uploaded-files", "recommend-daily",
             "cleanup-webhook-deliveries", "webhook-deliveries"}  # fmt: skip
    for table in ("schedules", "retention"):
        after[table] = [row for row in after[table] if row["name"] not in later]
    # Rows of its own per user: see the next test.
    rewritten = {"sensor_types"}
    for table in set(tables) - kept_by_migrations - rewritten:
        # A later version may have added columns.
        assert [
            {name: new.get(name) for name in old} for old, new in zip(before[table], after[table], strict=True)
        ] == (before[table]), table


def test_sessions_of_an_older_database_know_the_device_that_pushed_first(older: str) -> None:
    migrate(settings_of(older), say=lambda line: None)
    with psycopg.connect(older, autocommit=True) as connection:
        query = "select device_id, data_count > 0 from app.recording_sessions as s left join app.devices as d"
        rows = connection.execute(f"{query} on d.id = s.device_key where deleted_at is null".encode()).fetchall()
    assert {is_known is not None for is_known, has_readings in rows if has_readings} == {True}


_MORE_USERS = """
insert into app.users (username, email, password_hash, role, timezone)
select n, n || '@example.org', null, 'user', 'UTC' from unnest(array['ann', 'bob']) as n;
insert into app.change_sequences (user_id) select id from app.users where username in ('ann', 'bob');
insert into app.recording_sessions (user_id, session_id, start_time, data_count, first_reading_at, last_reading_at)
select id, 'shared', '2025-10-09 00:00Z', 2, '2025-10-09 00:00Z', '2025-10-09 00:00:01Z'
from app.users where username in ('ann', 'bob');
-- A name that a reading without a number has decided, for both.
insert into app.sensor_types (name, value_key, created_by)
select n, 'value', id from app.users, unnest(array['strap', 'never used']) as n where username = 'ann';
insert into app.sensor_data (recording_id, sensor_type_id, recorded_at, value, extra)
select s.id, t.id, s.first_reading_at + n * interval '1 s',
    case when t.name = 'barometer' then 1013 end, case when t.name = 'strap' then jsonb_build_object('bpm', 60 + n) end
from app.recording_sessions as s, app.sensor_types as t, generate_series(0, 1) as n
where s.session_id = 'shared' and t.name in ('barometer', 'strap');
insert into app.reading_changes (recording_id, sensor_type_id, change_no, changed_at, from_at, to_at)
select s.id, t.id, 1, now(), s.first_reading_at, s.last_reading_at
from app.recording_sessions as s, app.sensor_types as t
where s.session_id = 'shared' and t.name in ('barometer', 'strap');
"""


def test_sensor_types_that_users_shared_become_types_of_each(older: str) -> None:
    with psycopg.connect(older, autocommit=True) as connection:
        connection.execute(_MORE_USERS)
        stored = rows(connection, "sensor_data")
        migrate(settings_of(older), say=lambda line: None)
        assert rows(connection, "sensor_data") == stored
        types = connection.execute(
            "select u.username, t.name, t.value_key from app.sensor_types as t join app.users as u on u.id = t.user_id"
            " order by u.username, t.name"
        ).fetchall()
        pulled = connection.execute(
            "select u.username, n.sensor, convert_from(r.body, 'UTF8') from analytics.session_sensors as n"
            " join analytics.sessions as s using (recording_id) join app.users as u on u.id = s.user_id"
            " cross join lateral app.readings_json(n.recording_id, n.sensor_type_id, n.from_at, n.to_at, 1) as r"
            " where s.session_id = 'shared' order by u.username, n.sensor"
        ).fetchall()
        measured = connection.execute(
            "select u.username, m.axis, m.count from analytics.sessions as s join app.users as u on u.id = s.user_id"
            " cross join lateral analytics.session_metrics(s.recording_id) as m where s.session_id = 'shared'"
            " order by u.username, m.axis"
        ).fetchall()
    mina = [("mina", "accelerometer", "value"), ("mina", "barometer", "pressure"), ("mina", "gps", "value")]
    both = [(name, *row) for name in ("ann", "bob") for row in (("barometer", "pressure"), ("strap", "value"))]
    assert types == both + mina
    time = '"timestamp":1759968000000,"data":'
    assert pulled == [
        (name, sensor, f'{{"sensor_type":"{sensor}",{time}{data}}}')
        for name in ("ann", "bob")
        for sensor, data in (("barometer", '{"pressure":1013}'), ("strap", '{"bpm": 60}'))
    ]
    assert measured == [(name, axis, 2) for name in ("ann", "bob") for axis in ("bpm", "pressure")]


def test_schema_of_an_older_database_becomes_that_of_a_fresh_one(older: str, db: psycopg.Connection[Any]) -> None:
    migrate(settings_of(older), say=lambda line: None)
    with psycopg.connect(older, autocommit=True) as connection:
        assert listing(connection) == listing(db)


def test_phone_goes_on_with_an_older_database(older: str) -> None:
    migrate(settings_of(older), say=lambda line: None)
    with TestClient(create_app(make_settings(older))) as client:
        account = {"username": "mina", "password": PASSWORD}
        token = client.post("/api/auth/login", json=account).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        pulled = client.post("/api/sync/pull", json={}, headers=headers).json()
        session = {"session_id": "walk", "start_time": "2025-10-09T08:53:20Z"}
        again = [
            {key: reading[key] for key in ("sensor_type", "timestamp", "data")}
            for reading in pulled["sessions"][0]["sensor_data"]
        ]
        reply = client.post("/api/sync/push", json={"session": session, "sensor_data": again}, headers=headers).json()
    assert {session["session_id"]: len(session["sensor_data"]) for session in pulled["sessions"]} == {
        "walk": 25,
        "weeks later": 3,
        "archived": 0,
    }
    assert pulled["deleted"] == ["gone"]
    assert (reply["total_records"], reply["duplicates"]) == (25, 25)
