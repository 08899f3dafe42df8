"""`koodtx restore`: the database as it was when the dump was made, with a new sync epoch."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import psycopg
from psycopg import Connection, sql

from koodtx.backup.dump_file import Dump, read_dump, write_list
from koodtx.backup.errors import BackupError
from koodtx.backup.programs import Programs, connection_arguments, run
from koodtx.backup.target import Target, database_beside, look
from koodtx.database import prerequisites, sync_epoch
from koodtx.database.analyst_views import give_to_analysts
from koodtx.database.migrate import migrate
from koodtx.settings import Settings

Say = Callable[[str], None]


def restore(settings: Settings, file: Path, programs: Programs, *, replace: bool, say: Say = print) -> None:
    """Replaces the database, which must be empty unless `replace`, by the backup.

    The backup is restored into a second database, migrated to this version, and only then renamed: if anything fails,
    the old database is unchanged. Then a new sync epoch begins and clients do a full resync.
    Raises BackupError, and MigrationError if the backup is of a newer version or roles are missing.
    """
    target = look(settings.migration_database_url or settings.database_url)
    dump = read_dump(programs.pg_restore(target.server_major), file)
    _require_fit(settings, target, dump)
    if target.contents and not replace:
        raise BackupError(f"the database {target.title} is not empty: {target.contents}. --replace drops all of it")
    with psycopg.connect(target.url, autocommit=True) as connection:
        prerequisites.create_roles(connection)
    with database_beside(target) as url:
        _fill(programs.pg_restore(target.server_major), dump, file, url)
        inside = msgspec.structs.replace(settings, database_url=url, migration_database_url=url)
        migrate(inside, say=say)
        new = sync_epoch.renew(inside)
        if target.contents:
            say(f"dropping the previous contents of {target.title}: {target.contents}")
    say(f"{target.title} is restored from {file}; sync epoch {new}: clients do a full resync")


def _require_fit(settings: Settings, target: Target, dump: Dump) -> None:
    if dump.postgresql > target.server_major:
        raise BackupError(
            f"the backup is of PostgreSQL {dump.postgresql} and this server is {target.server_major}:"
            f" restore it into {dump.postgresql} or newer"
        )
    with psycopg.connect(target.url, autocommit=True) as connection:
        versions = _timescaledb_versions(connection)
    if dump.timescaledb is None:
        if versions and settings.timescaledb != "off":
            raise BackupError(
                "the backup is of a database without TimescaleDB: set KOODTX_TIMESCALEDB=off, here and for the service"
            )
        return
    if dump.timescaledb not in versions:
        available = f"has {', '.join(versions)}" if versions else "has none"
        raise BackupError(
            f"the backup was made with TimescaleDB {dump.timescaledb} and this server {available}:"
            " restore with the same version, and update it afterwards"
        )
    if not target.is_superuser:
        raise BackupError("only superusers can restore TimescaleDB: set KOODTX_MIGRATION_DATABASE_URL to one's")


def _timescaledb_versions(connection: Connection[Any]) -> list[str]:
    query = "select version from pg_available_extension_versions where name = 'timescaledb' order by 1"
    return [row[0] for row in connection.execute(query)]


def _fill(pg_restore: Path, dump: Dump, file: Path, url: str) -> None:
    """Fills an empty database. TimescaleDB's own hooks keep it from acting on incomplete data."""
    with psycopg.connect(url, autocommit=True) as connection:
        job_roles = _begin_timescaledb(connection, dump) if dump.timescaledb else []
        database, env = connection_arguments(url)
        try:
            with tempfile.TemporaryDirectory() as folder:
                wanted = Path(folder) / "list"
                write_list(pg_restore, file, wanted)
                # Everything belongs to the restoring role, as after a migration; roles of another server may not exist.
                options = ["--exit-on-error", "--no-owner", f"--use-list={wanted}", f"--dbname={database}"]
                run([pg_restore, *options, file], env, "Restoring", lambda: _size(connection))
            _give_to_analysts(connection)
            if dump.timescaledb:
                _own_jobs(connection)
                connection.execute("select timescaledb_post_restore()")
        finally:
            for role in job_roles:
                connection.execute(sql.SQL("drop role {}").format(sql.SQL(role)))
        connection.execute("analyze")


def _give_to_analysts(connection: Connection[Any]) -> None:
    """Views have the rights of their owner: those of analysts must not have the restoring role's."""
    try:
        give_to_analysts(connection)
    except psycopg.errors.InsufficientPrivilege as error:
        raise BackupError(
            "the backup has objects in the schema analysts: a superuser must run `grant koodtx_analyst to"
            " current_user` for this role first, or restore it"
        ) from error


def _begin_timescaledb(connection: Connection[Any], dump: Dump) -> list[str]:
    """Creates the extension; returns the roles created for the time of the restore: jobs name their owners."""
    version = sql.Literal(dump.timescaledb)
    connection.execute(sql.SQL("create extension timescaledb version {}").format(version))
    is_community = connection.execute("select _timescaledb_functions.tsl_loaded()").fetchone() == (True,)
    if dump.needs_community and not is_community:
        raise BackupError(
            "the backup contains columnstore chunks or continuous aggregates, which need TimescaleDB's Community"
            " edition, and this server has the Apache edition: restore it on Community"
        )
    connection.execute("select timescaledb_pre_restore()")
    job_roles = [
        role for role in dump.job_owners if connection.execute("select to_regrole(%s)", [role]).fetchone() == (None,)
    ]
    for role in job_roles:
        connection.execute(sql.SQL("create role {} nologin").format(sql.SQL(role)))
    return job_roles


def _own_jobs(connection: Connection[Any]) -> None:
    """Makes the restoring role the owner of TimescaleDB's jobs. The schema of their table depends on the version.

    They begin a day later: an old copy can be examined before retention removes what is old.
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
