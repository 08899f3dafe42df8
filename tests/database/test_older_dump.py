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
    for table in set(tables) - kept_by_migrations:
        # A later version may have added columns.
        assert [
            {name: new.get(name) for name in old} for old, new in zip(before[table], after[table], strict=True)
        ] == (before[table]), table


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
