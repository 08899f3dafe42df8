"""What each role may do, tried by logging in."""

import os
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg.errors import InsufficientPrivilege

from koodtx.settings import Settings

pytestmark = [pytest.mark.integration]

Db = psycopg.Connection[Any]
_ANALYST = f"koodtx_analyst_{os.getpid()}"


@pytest.fixture
def service(settings: Settings) -> Iterator[Db]:
    """Logged in as the service does."""
    with psycopg.connect(settings.database_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def analyst(server: str, database_url: str) -> Iterator[Db]:
    """Logged in as a person who is a member of koodtx_analyst."""
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"create role {_ANALYST} login password 'analyst' in role koodtx_analyst")
    try:
        with psycopg.connect(
            make_conninfo(database_url, user=_ANALYST, password="analyst"), autocommit=True
        ) as connection:
            yield connection
    finally:
        with psycopg.connect(server, autocommit=True) as admin:
            admin.execute(f"drop role {_ANALYST}")


def test_service_logs_in_as_koodtx_app(service: Db) -> None:
    assert service.execute("select current_user, rolsuper from pg_roles where rolname = current_user").fetchone() == (
        "koodtx_app",
        False,
    )


def test_service_can_do_its_work(service: Db) -> None:
    service.execute("select app.create_user('mina', 'mina@example.org', 'x', 'user', 'UTC')")
    service.execute("insert into app.sensor_data (session_id, sensor_type_id, recorded_at, x) values (1, 1, now(), 1)")
    service.execute("insert into app.sync_logs (user_id, sync_type, status) values (1, 'push', 'success')")
    service.execute("update app.users set name = 'Mina'")
    service.execute("delete from app.sensor_data")
    assert service.execute("select app.edition()").fetchone() is not None
    assert service.execute("select is_new from app.renew_generation()").fetchone() == (True,)


@pytest.mark.parametrize(
    "statement",
    [
        "alter table app.users add column is_root boolean",
        "drop table app.pushes",
        "truncate app.sync_logs",
        "create table app.mine ()",
        "create table public.mine ()",
        "create table analytics.mine ()",
        "create function app.mine() returns integer language sql return 1",
        "create or replace function app.edition() returns text language sql return 'mine'",
        "drop function app.edition()",
        "alter role koodtx_app superuser",
        "create role mine",
        "create schema mine",
        "alter function app.renew_generation(boolean) owner to koodtx_app",
        "copy app.users to program 'cat'",
        "select pg_read_file('/etc/passwd')",
        "set session authorization default; alter system set fsync = off",
    ],
)
def test_service_cannot_alter(service: Db, statement: str) -> None:
    with pytest.raises((InsufficientPrivilege, psycopg.errors.ActiveSqlTransaction)):
        service.execute(statement)  # type: ignore[call-overload]


def test_analyst_may_use_analytics(analyst: Db) -> None:
    row = analyst.execute("select has_schema_privilege('analytics', 'usage')").fetchone()
    assert row == (True,)


def test_analyst_sees_nothing_of_app(analyst: Db, db: Db) -> None:
    tables = [name for (name,) in db.execute("select tablename from pg_tables where schemaname = 'app'")]
    assert "users" in tables
    for table in tables:
        with pytest.raises(InsufficientPrivilege):
            analyst.execute(f"select from app.{table}")  # type: ignore[call-overload]


@pytest.mark.parametrize(
    "statement",
    ["select app.edition()", "select app.renew_generation(true)", "select app.erase_readings(1)",
     "select from app.stored_session_readings(1, now(), now())", "select from app.column_moments(1)",
     "select from app.other_moments(1, '{1}')", "create table analytics.mine ()", "create table public.mine ()"],
)  # fmt: skip
def test_analyst_cannot_write_or_call_the_service(analyst: Db, statement: str) -> None:
    with pytest.raises(InsufficientPrivilege):
        analyst.execute(statement)  # type: ignore[call-overload]


def test_analyst_cannot_reach_readings_through_chunks(analyst: Db, db: Db) -> None:
    db.execute("insert into app.sensor_data (session_id, sensor_type_id, recorded_at) values (1, 1, now())")
    chunks = db.execute(
        "select inhrelid::regclass::text from pg_inherits where inhparent = 'app.sensor_data'::regclass"
    ).fetchall()
    for (chunk,) in chunks:
        with pytest.raises(InsufficientPrivilege):
            analyst.execute(f"select from {chunk}")
