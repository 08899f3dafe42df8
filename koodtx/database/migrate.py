"""Updates a database to this source: versioned migrations once, then the repeatable ones of sql/ if they changed.

Order: advisory lock, checks that change nothing, migrations (yoyo) of every database, then those of its set, then sql/
in one transaction.
"""

from collections.abc import Callable
from typing import Any

import psycopg
import yoyo
from msgspec import Struct
from psycopg import Connection, sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from yoyo.backends.core.postgresql import PostgresqlPsycopgBackend
from yoyo.connections import DatabaseURI

from koodtx.database import migration_files, prerequisites, public_rights
from koodtx.database.account_keys import fill_account_keys
from koodtx.database.repeatable import apply_sql
from koodtx.resources import project_folder
from koodtx.settings import Settings

_LOCK = 0x4B6F6F445458  # "KooDTX"
# Only while no schedule was ever created, so that a removed one does not come back.
_FIRST_SCHEDULES = """
select app.init_schedules(%s, false)
where pg_sequence_last_value(pg_get_serial_sequence('app.schedules', 'id')::regclass) is null
"""


class Migrated(Struct, frozen=True):
    """The names of the applied migrations, and whether sql/ was applied again."""

    migrations: list[str]
    is_sql_applied: bool


def migrate(settings: Settings, *, say: Callable[[str], None] = print) -> Migrated:
    """Migrates the database. Safe to repeat, and safe in two processes at once: the second waits.

    Raises MigrationError when an applied file was edited, or when the role lacks privileges (then nothing was
    changed, and the message contains the SQL that a superuser must run).
    """
    with psycopg.connect(_conninfo(settings), autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(%s)", [_LOCK])
        prerequisites.check(connection, settings)
        connection.execute("create schema if not exists app")
        applied = _apply_migrations(connection, settings, say)
        is_sql_applied = apply_sql(connection)
        if is_sql_applied:
            say("applied sql/")
        connection.execute(_FIRST_SCHEDULES, [settings.timezone])
        connection.execute("select app.apply_retention()")
        if public_rights.restrict(connection):
            say("a superuser may run in this database, so that analysts can only read: " + public_rights.COMMAND)
        if without_key := fill_account_keys(connection):
            say(f"accounts that log in only by the exact spelling of their name: {without_key}, see docs/accounts.md")
        return Migrated(applied, is_sql_applied)


def _conninfo(settings: Settings) -> str:
    url = settings.migration_database_url or settings.database_url
    options = (
        f"-c timezone=UTC -c lock_timeout=60s -c client_min_messages=warning"
        f" -c koodtx.chunk_days={settings.chunk_days} -c koodtx.timescaledb={settings.timescaledb}"
    )
    return make_conninfo(url, application_name="koodtx migrate", options=options)


def _apply_migrations(connection: Connection[Any], settings: Settings, say: Callable[[str], None]) -> list[str]:
    connection.execute(
        "create table if not exists app.migration_checksums (name text primary key, sha256 text not null)"
    )
    migration_files.refuse_edited(connection)
    # A function of sql/ decides which migrations apply, so it is created first.
    connection.execute(sql.SQL((project_folder("sql") / "database" / "edition.sql").read_text()))
    migration_files.refuse_foreign(connection)
    applied = _apply_folders(connection, settings, say, migration_files.COMMON)
    own = migration_files.set_of(connection)
    return applied + _apply_folders(connection, settings, say, migration_files.COMMON, own)


def _apply_folders(
    connection: Connection[Any], settings: Settings, say: Callable[[str], None], *names: str
) -> list[str]:
    """Applies the last folder. yoyo reads the earlier ones too, since migrations may depend on theirs."""
    backend = _backend(settings)
    try:
        pending = backend.to_apply(yoyo.read_migrations(*(str(migration_files.folder(name)) for name in names)))
        for migration in pending:
            _apply_one(backend, migration)
            say(f"applied {migration.id}")
    finally:
        backend.connection.close()
    migration_files.record(connection, names[-1])
    return [migration.id for migration in pending]


def _apply_one(backend: PostgresqlPsycopgBackend, migration: Any) -> None:
    """Applies and records a migration in one transaction; yoyo's own two could be separated by a crash."""
    migration.load()
    if not migration.use_transactions:
        backend.apply_one(migration)
        return
    with backend.transaction():
        migration.process_steps(backend, "apply")
        backend.log_migration(migration, "apply")
        backend.mark_one(migration, log=False)


def _backend(settings: Settings) -> PostgresqlPsycopgBackend:
    """Returns yoyo's backend with its tables in schema app. Its own lock is a table row that survives a crash."""
    arguments = {name: str(value) for name, value in conninfo_to_dict(_conninfo(settings)).items()}
    database = arguments.pop("dbname", "")
    uri = DatabaseURI("postgresql+psycopg", None, None, None, None, database, arguments | {"schema": "app"})
    backend = PostgresqlPsycopgBackend(uri, "yoyo_migration")
    backend.init_database()
    return backend
