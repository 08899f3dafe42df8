"""Migrating: fresh, again, by two at once, and when it must be refused."""

import hashlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from koodtx.database import migration_files
from koodtx.database.errors import MigrationError
from koodtx.database.migrate import migrate
from tests.support.command_settings import command_environment, settings_of

pytestmark = [pytest.mark.integration]

_MIGRATIONS = Path(__file__).parent.parent.parent / "migrations"


def names_for(url: str) -> list[str]:
    """The migrations of every database, then those of its kind."""
    with psycopg.connect(url) as connection:
        (edition,) = connection.execute("select app.edition()").fetchone() or ()
    kind = "community" if edition == "community" else "portable"
    return [path.stem for folder in ("common", kind) for path in sorted((_MIGRATIONS / folder).glob("*.sql"))]


def quiet(line: str) -> None:
    """Says nothing."""


@pytest.mark.smoke
def test_migrate_fresh_applies_every_migration_and_the_sql(empty_database: str) -> None:
    said: list[str] = []
    done = migrate(settings_of(empty_database), say=said.append)
    names = names_for(empty_database)
    assert (done.migrations, done.is_sql_applied) == (names, True)
    assert said == [*(f"applied {name}" for name in names), "applied sql/"]


def test_migrate_again_does_nothing(empty_database: str) -> None:
    migrate(settings_of(empty_database), say=quiet)
    done = migrate(settings_of(empty_database), say=quiet)
    assert (done.migrations, done.is_sql_applied) == ([], False)


def test_migrate_applies_changed_sql_again(empty_database: str) -> None:
    migrate(settings_of(empty_database), say=quiet)
    with psycopg.connect(empty_database, autocommit=True) as connection:
        connection.execute("update app.deployed_sql set sha256 = 'of an older version'")
        connection.execute("drop function app.edition() cascade")
    done = migrate(settings_of(empty_database), say=quiet)
    assert (done.migrations, done.is_sql_applied) == ([], True)
    with psycopg.connect(empty_database) as connection:
        assert connection.execute("select app.edition()").fetchone() is not None


def test_migrate_keeps_what_is_stored(empty_database: str) -> None:
    migrate(settings_of(empty_database), say=quiet)
    with psycopg.connect(empty_database, autocommit=True) as connection:
        connection.execute("select app.create_user('mina', 'mina@example.org', 'x', 'user', 'UTC')")
        connection.execute("update app.deployed_sql set sha256 = 'of an older version'")
    migrate(settings_of(empty_database), say=quiet)
    with psycopg.connect(empty_database) as connection:
        assert connection.execute("select username from app.users").fetchall() == [("mina",)]


def test_migrate_by_four_processes_at_once_applies_each_migration_once(empty_database: str) -> None:
    command = [sys.executable, "-m", "koodtx", "migrate"]
    environment = command_environment(empty_database)
    running = [
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(4)
    ]
    outputs = [process.communicate(timeout=120) for process in running]
    assert [process.returncode for process in running] == [0] * 4, outputs
    lines = [line for out, _ in outputs for line in out.decode().splitlines()]
    names = names_for(empty_database)
    assert sorted(line for line in lines if line.startswith("applied 0")) == sorted(f"applied {name}" for name in names)
    assert lines.count("nothing to do") == 3


def test_migrate_refuses_an_edited_migration(empty_database: str) -> None:
    migrate(settings_of(empty_database), say=quiet)
    with psycopg.connect(empty_database, autocommit=True) as connection:
        connection.execute("update app.migration_checksums set sha256 = 'another' where name like '0002%'")
    with pytest.raises(MigrationError, match=r"migrations/common/0002\.create-accounts\.sql was edited"):
        migrate(settings_of(empty_database), say=quiet)


def test_migrate_refuses_a_database_of_a_newer_version(empty_database: str) -> None:
    migrate(settings_of(empty_database), say=quiet)
    with psycopg.connect(empty_database, autocommit=True) as connection:
        connection.execute("insert into app.migration_checksums values ('9999.from-the-future', 'x')")
    with pytest.raises(MigrationError, match=r"9999\.from-the-future"):
        migrate(settings_of(empty_database), say=quiet)


def test_migrate_that_was_refused_changes_nothing(empty_database: str, objects: Callable[[str], list[Any]]) -> None:
    migrate(settings_of(empty_database), say=quiet)
    with psycopg.connect(empty_database, autocommit=True) as connection:
        connection.execute("update app.migration_checksums set sha256 = 'another' where name like '0002%'")
        connection.execute("update app.deployed_sql set sha256 = 'of an older version'")
    before = objects(empty_database)
    with pytest.raises(MigrationError):
        migrate(settings_of(empty_database), say=quiet)
    assert objects(empty_database) == before
    with psycopg.connect(empty_database) as connection:
        assert connection.execute("select sha256 from app.deployed_sql").fetchone() == ("of an older version",)


def test_migrate_refused_is_one_line_and_exit_2(empty_database: str) -> None:
    migrate(settings_of(empty_database), say=quiet)
    with psycopg.connect(empty_database, autocommit=True) as connection:
        connection.execute("insert into app.migration_checksums values ('9999.from-the-future', 'x')")
    done = subprocess.run(
        [sys.executable, "-m", "koodtx", "migrate"],
        env=command_environment(empty_database),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("koodtx: the database has migration 9999.from-the-future")
    assert "Traceback" not in done.stderr


def test_migrate_with_timescaledb_off_makes_plain_tables(empty_database: str) -> None:
    migrate(settings_of(empty_database, timescaledb="off"), say=quiet)
    with psycopg.connect(empty_database) as connection:
        assert connection.execute("select app.edition()").fetchone() == ("plain",)
        extension = connection.execute("select 1 from pg_extension where extname = 'timescaledb'").fetchone()
    assert extension is None
    # Nor does a later migration, without the setting, put the extension beside plain tables.
    migrate(settings_of(empty_database), say=quiet)
    with psycopg.connect(empty_database) as connection:
        assert connection.execute("select app.edition()").fetchone() == ("plain",)


def test_migrate_resumes_where_a_migration_failed(empty_database: str) -> None:
    """A table with the same name prevents the fourth migration until it is dropped."""
    with psycopg.connect(empty_database, autocommit=True) as connection:
        connection.execute("create schema app")
        connection.execute("create table app.sensor_data (is_in_the_way boolean)")
    with pytest.raises(psycopg.errors.DuplicateTable):
        migrate(settings_of(empty_database), say=quiet)
    with psycopg.connect(empty_database, autocommit=True) as connection:
        connection.execute("drop table app.sensor_data")
    done = migrate(settings_of(empty_database), say=quiet)
    assert done.migrations[0].startswith("0004.")
    assert done.is_sql_applied


def test_a_database_of_another_edition_is_migrated(empty_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Migrated on another edition, found on TimescaleDB Community: its rollups become continuous aggregates."""
    with monkeypatch.context() as patch:
        patch.setattr(migration_files, "set_of", lambda connection: "portable")
        migrate(settings_of(empty_database), say=quiet)
    with psycopg.connect(empty_database, autocommit=True) as connection:
        if migration_files.set_of(connection) != "community":
            pytest.skip("this server has no TimescaleDB Community")
        lacking = migration_files.missing(connection)
        connection.execute(
            "insert into app.sensor_data (recording_id, sensor_type_id, recorded_at) values (1, 1, now())"
        )
    assert lacking
    done = migrate(settings_of(empty_database), say=quiet)
    assert (done.migrations, done.is_sql_applied) == (lacking, True)
    with psycopg.connect(empty_database) as connection:
        rows = connection.execute("select view_name from timescaledb_information.continuous_aggregates order by 1")
        assert rows.fetchall() == [("hour_partials",), ("minute_partials",)]
        assert connection.execute("select count(*) from app.hour_partials").fetchone() == (1,)
        assert connection.execute("select * from analytics.rollup_hour").fetchall() == []
        assert migration_files.missing(connection) == []


def test_migrate_refuses_a_database_that_needs_community(empty_database: str) -> None:
    migrate(settings_of(empty_database, timescaledb="off"), say=quiet)
    path = _MIGRATIONS / "community" / "0009.community-rollups.sql"
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    with psycopg.connect(empty_database, autocommit=True) as connection:
        connection.execute("insert into app.migration_checksums values (%s, %s)", [path.stem, sha256])
    with pytest.raises(MigrationError, match="only TimescaleDB Community"):
        migrate(settings_of(empty_database, timescaledb="off"), say=quiet)


def test_missing_names_the_migrations_that_a_database_lacks(empty_database: str) -> None:
    migrate(settings_of(empty_database), say=quiet)
    with psycopg.connect(empty_database) as connection:
        assert migration_files.missing(connection) == []
        connection.execute("delete from app.migration_checksums where name like '0008%'")
        assert migration_files.missing(connection) == ["0008.create-archived-rollups"]
