"""`koodtx restore`: what it refuses before anything is changed, and what it replaces."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest
from litestar.testing import TestClient
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from koodtx.backup.dump_file import read_dump
from koodtx.backup.errors import BackupError
from koodtx.backup.programs import Programs
from koodtx.backup.restore import restore
from koodtx.database.edition import read_edition
from koodtx.database.errors import MigrationError
from koodtx.settings import Settings
from tests.database.listing import listing
from tests.support.aliases import BackUp, Db, Restore, Wreck
from tests.support.databases import databases, rows

pytestmark = [pytest.mark.integration]


_JOB_OWNER = f"koodtx_job_owner_{os.getpid()}"


@pytest.fixture
def recorded(recording_session: dict[str, Any]) -> dict[str, Any]:
    """A session with a hundred readings, so that there is something to lose."""
    return recording_session


def test_restore_needs_an_empty_database_and_says_what_is_in_it(
    recorded: Any, database_url: str, server: str, back_up: BackUp, put_back: Restore
) -> None:
    back_up()
    before = rows(database_url)
    with pytest.raises(BackupError) as raised:
        put_back()
    said = str(raised.value)
    assert "is not empty: 1 accounts, 1 sessions, 100 readings, schema analysts (" in said
    assert "schema app (" in said
    assert said.endswith("--replace drops all of it")
    assert rows(database_url) == before
    assert databases(server) == set()


def test_replace_drops_what_is_there_and_says_so(
    recorded: Any, database_url: str, db: Db, back_up: BackUp, put_back: Restore, server: str
) -> None:
    back_up()
    before = rows(database_url)
    db.execute("create schema mine")
    db.execute("create table mine.notes (text text)")
    db.execute("update app.users set name = 'of later'")
    said = put_back(replace=True)
    [line] = [line for line in said if line.startswith("dropping the previous contents of")]
    assert "100 readings" in line
    assert "schema mine (1 tables and views)" in line
    assert rows(database_url) == before
    with psycopg.connect(database_url) as connection:
        assert connection.execute("select to_regclass('mine.notes')").fetchone() == (None,)
    assert databases(server) == set()


def test_service_that_runs_meanwhile_goes_on_with_what_was_restored(
    recorded: Any, client: TestClient[Any], auth_headers: dict[str, str], back_up: BackUp, put_back: Restore
) -> None:
    """Its connections end, its cursors are of the previous sync epoch."""
    pull = {"cursor": None}
    before = client.post("/api/sync/pull", json=pull, headers=auth_headers).json()
    back_up()
    put_back(replace=True)
    refused = client.post("/api/sync/pull", json={"cursor": before["cursor"]}, headers=auth_headers)
    after = client.post("/api/sync/pull", json=pull, headers=auth_headers).json()
    assert refused.status_code == 410
    assert after["sessions"] == before["sessions"]


def test_restored_schema_is_the_same(database_url: str, db: Db, back_up: BackUp, put_back: Restore) -> None:
    back_up()
    before = listing(db)
    put_back(replace=True)
    with psycopg.connect(database_url) as connection:
        assert listing(connection) == before


def test_hypertables_take_new_chunks_after_a_restore(
    recorded: Any, database_url: str, db: Db, back_up: BackUp, put_back: Restore
) -> None:
    if read_edition(db).timescaledb is None:
        pytest.skip("this server has no TimescaleDB")
    back_up()
    put_back(replace=True)
    query = "select count(*) from timescaledb_information.chunks where hypertable_name = 'sensor_data'"
    with psycopg.connect(database_url, autocommit=True) as connection:
        assert connection.execute(query).fetchone() == (1,)
        connection.execute("insert into app.sensor_data values (1, 1, '2026-01-01', 1), (1, 1, '2026-02-01', 1)")
        assert connection.execute(query).fetchone() == (3,)
        connection.execute("select drop_chunks('app.sensor_data', older_than => '2026-01-15'::timestamptz)")
        assert connection.execute(query).fetchone() == (1,)
        assert connection.execute("show timescaledb.restoring").fetchone() == ("off",)


def test_settings_and_rights_of_the_database_stay(
    database_url: str, db: Db, server: str, back_up: BackUp, put_back: Restore
) -> None:
    back_up()
    name = sql.Identifier(db.info.dbname)
    for statement in (
        "alter database {} set work_mem = '5MB'",
        "alter database {} set search_path = '$user', public, mine",
        "alter role koodtx_analyst in database {} set statement_timeout = '7s'",
        "revoke connect, temporary on database {} from public",
        "grant connect, temp on database {} to koodtx_app with grant option",
    ):
        db.execute(sql.SQL(statement).format(name))
    query = """
        select datdba, array(select a::text from aclexplode(datacl) as a order by 1), datcollate, encoding,
            array(select setrole::text || setconfig::text from pg_db_role_setting where setdatabase = d.oid order by 1)
        from pg_database as d where datname = current_database()
    """
    before = db.execute(query).fetchone()
    put_back(replace=True)
    with psycopg.connect(database_url) as connection:
        assert connection.execute(query).fetchone() == before


def test_restore_refuses_another_version_of_timescaledb(
    db: Db, database_url: str, back_up: BackUp, put_back: Restore, server: str
) -> None:
    if read_edition(db).timescaledb is None:
        pytest.skip("this server has no TimescaleDB")
    db.execute("update _timescaledb_catalog.metadata set value = '2.13.0' where key = 'timescaledb_version'")
    back_up()
    with pytest.raises(BackupError, match=r"made with TimescaleDB 2\.13\.0 and this server has 2"):
        put_back(replace=True)
    assert databases(server) == set()


def test_restore_of_a_plain_database_needs_timescaledb_off(
    settings: Settings, wreck: Wreck, db: Db, database_url: str, back_up: BackUp, put_back: Restore, file: Path
) -> None:
    if read_edition(db).timescaledb is None:
        pytest.skip("this server has no TimescaleDB")
    from koodtx.database.migrate import migrate

    db.close()
    wreck()
    off = msgspec.structs.replace(settings, timescaledb="off")
    migrate(off, say=lambda line: None)
    back_up()
    with pytest.raises(BackupError, match="set KOODTX_TIMESCALEDB=off"):
        put_back(replace=True)
    restore(off, file, Programs(), replace=True, say=lambda line: None)
    with psycopg.connect(database_url) as connection:
        assert read_edition(connection).name == "plain"


def test_restore_refuses_a_backup_of_a_newer_version(
    db: Db, database_url: str, back_up: BackUp, put_back: Restore, server: str
) -> None:
    db.execute("insert into app.migration_checksums values ('9999.from-the-future', 'x')")
    back_up()
    db.execute("delete from app.migration_checksums where name like '9999%'")
    before = rows(database_url)
    with pytest.raises(MigrationError, match=r"9999\.from-the-future"):
        put_back(replace=True)
    assert rows(database_url) == before
    assert databases(server) == set()


def test_restore_migrates_an_older_backup(
    recorded: Any, database_url: str, db: Db, back_up: BackUp, put_back: Restore
) -> None:
    """Of a version whose functions were others."""
    db.execute("update app.deployed_sql set sha256 = 'of an older version'")
    db.execute("drop function app.sync_status")
    back_up()
    assert "applied sql/" in put_back(replace=True)
    with psycopg.connect(database_url) as connection:
        assert connection.execute("select count(*) from app.sensor_data").fetchone() == (100,)
        assert connection.execute("select to_regproc('app.sync_status') is not null").fetchone() == (True,)


def test_restore_by_a_role_that_may_not_create_databases_is_rejected(
    settings: Settings, db: Db, back_up: BackUp, file: Path
) -> None:
    back_up()
    service_only = Settings(database_url=settings.database_url, secret_key=settings.secret_key)
    with pytest.raises(BackupError, match="this role may not create databases"):
        restore(service_only, file, Programs(), replace=True)


def test_restore_leaves_what_a_killed_restore_left_to_the_next(
    database_url: str, server: str, back_up: BackUp, put_back: Restore
) -> None:
    name = str(conninfo_to_dict(database_url)["dbname"])
    with psycopg.connect(make_conninfo(server, dbname="postgres"), autocommit=True) as connection:
        for ending in ("restoring", "replaced"):
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(f"{name}_{ending}")))
    back_up()
    put_back(replace=True)
    assert databases(server) == set()


def test_restore_is_one_at_a_time(database_url: str, server: str, back_up: BackUp, put_back: Restore) -> None:
    back_up()
    name = str(conninfo_to_dict(database_url)["dbname"])
    with psycopg.connect(make_conninfo(server, dbname="postgres"), autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(hashtext(%s))", [f"{name}_restoring"])
        with pytest.raises(BackupError, match="another restore"):
            put_back(replace=True)


def test_restore_refuses_on_apache_what_only_community_reads(
    db: Db, database_url: str, server: str, back_up: BackUp, put_back: Restore
) -> None:
    if read_edition(db).name != "apache":
        pytest.skip("this server does not have TimescaleDB's Apache edition")
    db.execute("create table _timescaledb_internal._materialized_hypertable_99 ()")
    back_up()
    before = rows(database_url)
    with pytest.raises(BackupError, match="need TimescaleDB's Community edition"):
        put_back(replace=True)
    assert rows(database_url) == before
    assert databases(server) == set()


def test_columnstore_continuous_aggregates_and_jobs_come_back_on_community(
    recorded: Any, db: Db, back_up: BackUp, file: Path, pg_restore: Path, put_back: Restore, database_url: str
) -> None:
    if read_edition(db).name != "community":
        pytest.skip("only TimescaleDB's Community edition has a columnstore")
    db.execute("select compress_chunk(chunk) from show_chunks('app.sensor_data') as chunk")
    db.execute(
        "create materialized view app.hours with (timescaledb.continuous) as"
        " select recording_id, time_bucket('1 hour', recorded_at) as hour, count(*) from app.sensor_data group by 1, 2"
        " with no data"
    )
    db.execute("select add_continuous_aggregate_policy('app.hours', null, '1 hour', '1 hour')")
    db.execute("call refresh_continuous_aggregate('app.hours', null, null)")
    before = rows(database_url), db.execute("select * from app.hours").fetchall()
    with job_owner(db):
        back_up()
    assert read_dump(pg_restore, file).needs_community
    put_back(replace=True)
    with psycopg.connect(database_url) as connection:
        assert (rows(database_url), connection.execute("select * from app.hours").fetchall()) == before
        query = "select count(*) from timescaledb_information.chunks where is_compressed"
        assert connection.execute(query).fetchone() == (1,)
        query = "select distinct owner::text = current_user from timescaledb_information.jobs where job_id >= 1000"
        assert connection.execute(query).fetchall() == [(True,)]
        assert connection.execute("select to_regrole(%s)", [_JOB_OWNER]).fetchone() == (None,)
        connection.commit()
        connection.autocommit = True
        connection.execute("insert into app.sensor_data values (1, 1, '2025-10-09 09:30:00+00', 1)")
        connection.execute("call refresh_continuous_aggregate('app.hours', null, null)")
        assert connection.execute("select sum(count) from app.hours").fetchone() == (101,)


@contextmanager
def job_owner(db: Db) -> Iterator[None]:
    """TimescaleDB's jobs belong to a role that is gone when the backup is restored."""
    owner = sql.Identifier(_JOB_OWNER)
    db.execute(sql.SQL("create role {}").format(owner))
    update = "update _timescaledb_config.bgw_job set owner = %s::regrole where id >= 1000"
    db.execute(update, [_JOB_OWNER])
    yield
    db.execute(update, [db.info.user])
    db.execute(sql.SQL("drop role {}").format(owner))
