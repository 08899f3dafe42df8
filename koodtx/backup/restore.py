"""`koodtx restore`: a database as it was when the file was made, in a new generation."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import psycopg
from psycopg import Connection, sql

from koodtx.backup.archive import Archive, read_archive
from koodtx.backup.programs import Programs, connection_arguments, run
from koodtx.backup.target import Target, database_beside, look
from koodtx.database import prerequisites, sync_epoch
from koodtx.database.migrate import migrate
from koodtx.errors import BackupError
from koodtx.settings import Settings

Say = Callable[[str], None]


def restore(settings: Settings, file: Path, programs: Programs, *, replace: bool, say: Say = print) -> None:
    """Puts the backup in the place of the database, which must be empty unless `replace`.

    It is filled in a database of its own beside the old one, migrated to this version, and only then given the
    name: whatever fails, the old one stays as it was. Then a new generation begins and clients sync anew.
    Raises BackupError, and MigrationError when the backup is of a newer version or roles are missing.
    """
    target = look(settings.migration_database_url or settings.database_url)
    archive = read_archive(programs.pg_restore(target.server_major), file)
    _require_fit(settings, target, archive)
    if target.contents and not replace:
        raise BackupError(f"the database {target.title} is not empty: {target.contents}. --replace drops all of that")
    with psycopg.connect(target.url, autocommit=True) as connection:
        prerequisites.create_roles(connection)
    with database_beside(target) as url:
        _fill(programs.pg_restore(target.server_major), archive, file, url)
        inside = msgspec.structs.replace(settings, database_url=url, migration_database_url=url)
        migrate(inside, say=say)
        new = sync_epoch.renew(inside)
        if target.contents:
            say(f"dropping what was in {target.title}: {target.contents}")
    say(f"{target.title} is restored from {file}; sync epoch {new}: clients sync anew")


def _require_fit(settings: Settings, target: Target, archive: Archive) -> None:
    if archive.postgresql > target.server_major:
        raise BackupError(
            f"the backup is of PostgreSQL {archive.postgresql} and this server is {target.server_major}:"
            f" restore it into {archive.postgresql} or newer"
        )
    with psycopg.connect(target.url, autocommit=True) as connection:
        versions = _timescaledb_versions(connection)
    if archive.timescaledb is None:
        if versions and settings.timescaledb != "off":
            raise BackupError(
                "the backup is of a database without TimescaleDB: set KOODTX_TIMESCALEDB=off, here and for the service"
            )
        return
    if archive.timescaledb not in versions:
        there = f"has {', '.join(versions)}" if versions else "has none"
        raise BackupError(
            f"the backup was made with TimescaleDB {archive.timescaledb} and this server {there}:"
            " restore needs the same version, which can be updated afterwards"
        )
    if not target.is_superuser:
        raise BackupError("TimescaleDB is restored by superusers only: set KOODTX_MIGRATION_DATABASE_URL to one's")


def _timescaledb_versions(connection: Connection[Any]) -> list[str]:
    query = "select version from pg_available_extension_versions where name = 'timescaledb' order by 1"
    return [row[0] for row in connection.execute(query)]


def _fill(pg_restore: Path, archive: Archive, file: Path, url: str) -> None:
    """An empty database, from the file. TimescaleDB's own hooks keep it from acting on what is half there."""
    with psycopg.connect(url, autocommit=True) as connection:
        strangers = _begin_timescaledb(connection, archive) if archive.timescaledb else []
        database, env = connection_arguments(url)
        # Everything belongs to who restores, as to who migrates; the names of another server's roles mean nothing.
        argv: list[str | Path] = [pg_restore, "--exit-on-error", "--no-owner", f"--dbname={database}", file]
        try:
            run(argv, env, "Restoring", lambda: _size(connection))
            if archive.timescaledb:
                _own_jobs(connection)
                connection.execute("select timescaledb_post_restore()")
        finally:
            for role in strangers:
                connection.execute(sql.SQL("drop role {}").format(sql.SQL(role)))
        connection.execute("analyze")


def _begin_timescaledb(connection: Connection[Any], archive: Archive) -> list[str]:
    """The extension, and the roles made for the time of the restore: jobs name their owners."""
    version = sql.Literal(archive.timescaledb)
    connection.execute(sql.SQL("create extension timescaledb version {}").format(version))
    is_community = connection.execute("select _timescaledb_functions.tsl_loaded()").fetchone() == (True,)
    if archive.needs_community and not is_community:
        raise BackupError(
            "the backup holds columnstore chunks or continuous aggregates, which only TimescaleDB's Community edition"
            " reads, and this server has the Apache edition: restore it on Community"
        )
    connection.execute("select timescaledb_pre_restore()")
    strangers = [
        role for role in archive.job_owners if connection.execute("select to_regrole(%s)", [role]).fetchone() == (None,)
    ]
    for role in strangers:
        connection.execute(sql.SQL("create role {} nologin").format(sql.SQL(role)))
    return strangers


def _own_jobs(connection: Connection[Any]) -> None:
    """Like all else, TimescaleDB's jobs belong to who restores. The schema of their table depends on the version.

    They begin a day later: who puts back an old copy may want to look at it before what is old goes.
    """
    query = """
        select relnamespace::regnamespace::text from pg_class
        where relname = 'bgw_job' and relkind = 'r' and relnamespace::regnamespace::text ~ '^_timescaledb_'
    """
    for (schema,) in connection.execute(query).fetchall():
        table = sql.Identifier(schema, "bgw_job")
        connection.execute(sql.SQL("update {} set owner = current_user::regrole where id >= 1000").format(table))
    connection.execute(
        "select alter_job(job_id, next_start => now() + interval '1 day')"
        " from timescaledb_information.jobs where job_id >= 1000"
    )


def _size(connection: Connection[Any]) -> int:
    row = connection.execute("select pg_database_size(current_database())").fetchone()
    assert row is not None
    return int(row[0])
