"""What each role may do, tried by logging in."""

import os
from collections.abc import Iterator

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg.errors import InsufficientPrivilege

from koodtx.database.migrate import migrate
from koodtx.settings import Settings
from tests.support.aliases import Db
from tests.support.databases import value

pytestmark = [pytest.mark.integration]

# A call of each function, with an argument for each parameter that has no default.
_CALLS = """
    select format(
        'select * from (select analytics.%I(%s)) as answer', p.proname,
        (
            select string_agg(
                case t.type::regtype::text
                    when 'text' then '''accelerometer''' when 'jsonb' then 'null'
                    when 'timestamp with time zone' then 'now()' when 'double precision[]' then '''{1,1,0}'''
                    else case when t.type::regtype::text like '%[]' then '''{}''' else '''1''' end
                end || '::' || t.type::regtype, ', ' order by t.place
            )
            from unnest(p.proargtypes::oid[]) with ordinality as t (type, place)
            where t.place <= p.pronargs - p.pronargdefaults
        )
    )
    from pg_proc as p where p.pronamespace = 'analytics'::regnamespace order by 1
"""

# Chunks, materialized rollups and the views behind them, columnstore.
_KEPT_BY_THE_EXTENSION = """
    select c.oid::regclass::text from pg_class as c
    where c.relnamespace::regnamespace::text = '_timescaledb_internal' and c.relkind in ('r', 'v')
        and exists (
            select from pg_attribute as a where a.attrelid = c.oid and a.attname = 'recording_id'
        )
"""

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


@pytest.fixture
def role_admin(server: str) -> Iterator[Db]:
    """Alone with koodtx_analyst, which belongs to the whole server: several test processes may share it."""
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute("select pg_advisory_lock(2)")
        yield admin


def test_service_logs_in_as_koodtx_app(service: Db) -> None:
    assert service.execute("select current_user, rolsuper from pg_roles where rolname = current_user").fetchone() == (
        "koodtx_app",
        False,
    )


def test_service_can_do_its_work(service: Db) -> None:
    service.execute("select app.create_user('mina', 'mina@example.org', 'x', 'user', 'UTC')")
    service.execute(
        "insert into app.sensor_data (recording_id, sensor_type_id, recorded_at, x) values (1, 1, now(), 1)"
    )
    service.execute("insert into app.sync_logs (user_id, sync_type, status) values (1, 'push', 'success')")
    service.execute("update app.users set name = 'Mina'")
    service.execute("delete from app.sensor_data")
    assert service.execute("select app.edition()").fetchone() is not None
    assert service.execute("select is_new from app.renew_sync_epoch()").fetchone() == (True,)
    assert service.execute("select pg_try_advisory_lock(app.task_lock('optimize_database'))").fetchone() == (True,)


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
        "alter function app.renew_sync_epoch(boolean) owner to koodtx_app",
        "copy app.users to program 'cat'",
        "select pg_read_file('/etc/passwd')",
        "select app.set_retention('sensor-data', 1)",
        "select app.apply_retention()",
        "call app.enforce_ceiling(1, '{}')",
        "update app.retention set days = 1",
        "drop table app.maintenance_runs",
        "set session authorization default; alter system set fsync = off",
    ],
)
def test_service_cannot_alter(service: Db, statement: str) -> None:
    with pytest.raises((InsufficientPrivilege, psycopg.errors.ActiveSqlTransaction)):
        service.execute(statement)  # type: ignore[call-overload]


def test_analyst_may_use_analytics(analyst: Db) -> None:
    row = analyst.execute("select has_schema_privilege('analytics', 'usage')").fetchone()
    assert row == (True,)


def test_analyst_may_read_every_view(analyst: Db, db: Db) -> None:
    views = [name for (name,) in db.execute("select viewname from pg_views where schemaname = 'analytics'")]
    assert {"sessions", "readings", "rollup_partials", "rollup_day"} <= set(views)
    for view in views:
        analyst.execute(f"select * from analytics.{view}")  # type: ignore[call-overload]


def test_analyst_may_call_every_function(analyst: Db, db: Db) -> None:
    calls = db.execute(_CALLS).fetchall()
    assert len(calls) > 30
    for (call,) in calls:
        analyst.execute(call)


def test_analyst_role_has_a_statement_timeout_of_its_own(role_admin: Db, database_url: str) -> None:
    role_admin.execute("alter role koodtx_analyst login password 'analyst'")
    try:
        url = make_conninfo(database_url, user="koodtx_analyst", password="analyst")
        with psycopg.connect(url, autocommit=True) as connection:
            assert connection.execute("show statement_timeout").fetchone() == ("1min",)
            connection.execute("set statement_timeout = '50ms'")
            with pytest.raises(psycopg.errors.QueryCanceled):
                connection.execute("select pg_sleep(5)")
            connection.execute("reset statement_timeout")
            connection.execute("select from analytics.sessions")
    finally:
        role_admin.execute("alter role koodtx_analyst nologin password null")


def test_a_timeout_that_an_administrator_chose_stays(role_admin: Db, db: Db, settings: Settings) -> None:
    role_admin.execute("alter role koodtx_analyst set statement_timeout = '5min'")
    try:
        db.execute("update app.deployed_sql set sha256 = 'of an older version'")
        assert migrate(settings, say=lambda line: None).is_sql_applied
        chosen = role_admin.execute("select rolconfig from pg_roles where rolname = 'koodtx_analyst'").fetchone()
        assert chosen == (["statement_timeout=5min"],)
    finally:
        role_admin.execute("alter role koodtx_analyst set statement_timeout = '60s'")


def test_analyst_sees_nothing_of_app(analyst: Db, db: Db) -> None:
    tables = [name for (name,) in db.execute("select tablename from pg_tables where schemaname = 'app'")]
    assert "users" in tables
    for table in tables:
        with pytest.raises(InsufficientPrivilege):
            analyst.execute(f"select from app.{table}")  # type: ignore[call-overload]


@pytest.mark.parametrize(
    "statement",
    ["select app.edition()", "select app.renew_sync_epoch(true)", "select app.erase_readings(1)",
     "call app.enforce_ceiling(1, '{}')",
     "select from app.stored_session_readings(1, now(), now())", "select from app.stored_moments(1, null, null)",
     "select from app.other_moments(1, '{1}')", "create table analytics.mine ()", "create table public.mine ()",
     "insert into analytics.users (timezone) values ('UTC')", "update analytics.users set timezone = 'UTC'",
     "delete from analytics.users", "truncate app.users", "create schema mine",
     "select lo_from_bytea(0, 'kept')", "select lo_create(0)", "select lo_creat(-1)",
     "select pg_advisory_lock(1)", "select pg_advisory_lock(1, 2)", "select pg_advisory_xact_lock_shared(1)",
     "select pg_try_advisory_lock(1)", "alter role koodtx_analyst superuser",
     "copy analytics.users to program 'cat'", "set role koodtx_app"],
)  # fmt: skip
def test_analyst_cannot_write_or_call_the_service(analyst: Db, statement: str) -> None:
    with pytest.raises(InsufficientPrivilege):
        analyst.execute(statement)  # type: ignore[call-overload]


def test_analyst_cannot_reach_readings_through_chunks(analyst: Db, db: Db) -> None:
    db.execute("insert into app.sensor_data (recording_id, sensor_type_id, recorded_at) values (1, 1, now())")
    chunks = db.execute(
        "select inhrelid::regclass::text from pg_inherits where inhparent = 'app.sensor_data'::regclass"
    ).fetchall()
    if value(db, "select app.edition()") == "plain":
        assert not chunks, "an ordinary table is one piece, which analysts cannot read"
        chunks = [("app.sensor_data",)]
    assert chunks
    for (chunk,) in chunks:
        with pytest.raises(InsufficientPrivilege):
            analyst.execute(f"select from {chunk}")


def test_analyst_reads_nothing_of_the_extension_that_holds_recordings(analyst: Db, db: Db) -> None:
    """Continuous aggregates keep what they are made of, of deleted sessions too, in tables and views of their own."""
    db.execute(
        "insert into app.sensor_data (recording_id, sensor_type_id, recorded_at)"
        " values (1, 1, now() - interval '1 day')"
    )
    if db.execute("select to_regclass('_timescaledb_catalog.continuous_agg')").fetchone() == (None,):
        pytest.skip("this server has no TimescaleDB")
    for (level,) in db.execute("select user_view_name from _timescaledb_catalog.continuous_agg").fetchall():
        db.execute(f"call refresh_continuous_aggregate('app.{level}', null, null)")  # type: ignore[call-overload]
    if db.execute("select app.edition()").fetchone() == ("community",):
        db.execute("select compress_chunk(c) from show_chunks('app.sensor_data') as c")
    names = db.execute(_KEPT_BY_THE_EXTENSION).fetchall()
    assert names
    for (name,) in names:
        with pytest.raises(InsufficientPrivilege):
            analyst.execute(f"select from {name}")  # type: ignore[call-overload]
