"""Brings a database to the state of this source: migrations once, then sql/ whenever it changed.

Order: advisory lock, checks that change nothing, migrations (yoyo), sql/ in one transaction.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import yoyo
from msgspec import Struct
from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from yoyo.backends.core.postgresql import PostgresqlPsycopgBackend
from yoyo.connections import DatabaseURI

from koodtx.database import prerequisites
from koodtx.database.deployed_sql import apply_sql
from koodtx.errors import MigrationError
from koodtx.files import project_folder
from koodtx.settings import Settings

_LOCK = 0x4B6F6F445458  # "KooDTX"


class Migrated(Struct, frozen=True):
    """What was done: names of the migrations applied; whether sql/ was applied again."""

    migrations: list[str]
    is_sql_applied: bool


def migrate(settings: Settings, *, say: Callable[[str], None] = print) -> Migrated:
    """Migrates the database. Safe to repeat, and safe when two processes do it at once: the second waits.

    Raises MigrationError when an applied file was edited, or when the role may not do what is needed
    (then nothing was changed, and the message holds the SQL that somebody else has to run).
    """
    with psycopg.connect(_conninfo(settings), autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(%s)", [_LOCK])
        prerequisites.check(connection, settings)
        connection.execute("create schema if not exists app")
        applied = _apply_migrations(connection, settings, say)
        is_sql_applied = apply_sql(connection)
        if is_sql_applied:
            say("applied sql/")
        return Migrated(applied, is_sql_applied)


def schema_version() -> str:
    """The newest migration of this source."""
    return sorted(path.stem for path in _migration_files())[-1]


def _conninfo(settings: Settings) -> str:
    url = settings.migration_database_url or settings.database_url
    options = (
        f"-c timezone=UTC -c lock_timeout=60s -c client_min_messages=warning"
        f" -c koodtx.chunk_days={settings.chunk_days} -c koodtx.timescaledb={settings.timescaledb}"
    )
    return make_conninfo(url, application_name="koodtx migrate", options=options)


def _migration_files() -> list[Path]:
    return sorted((project_folder("migrations") / "common").glob("*.sql"))


def _apply_migrations(connection: Connection[Any], settings: Settings, say: Callable[[str], None]) -> list[str]:
    connection.execute(
        "create table if not exists app.migration_checksums (name text primary key, sha256 text not null)"
    )
    checksums = {path.stem: hashlib.sha256(path.read_bytes()).hexdigest() for path in _migration_files()}
    _refuse_edited(connection, checksums)
    backend = _backend(settings)
    try:
        pending = backend.to_apply(yoyo.read_migrations(str(project_folder("migrations") / "common")))
        for migration in pending:
            _apply_one(backend, migration)
            say(f"applied {migration.id}")
    finally:
        backend.connection.close()
    for name, sha256 in checksums.items():
        connection.execute("insert into app.migration_checksums values (%s, %s) on conflict do nothing", [name, sha256])
    return [migration.id for migration in pending]


def _apply_one(backend: PostgresqlPsycopgBackend, migration: Any) -> None:
    """A migration and yoyo's note of it in one transaction: its own two would let a kill come between them."""
    migration.load()
    if not migration.use_transactions:
        backend.apply_one(migration)
        return
    with backend.transaction():
        migration.process_steps(backend, "apply")
        backend.log_migration(migration, "apply")
        backend.mark_one(migration, log=False)


def _refuse_edited(connection: Connection[Any], checksums: dict[str, str]) -> None:
    for name, sha256 in connection.execute("select name, sha256 from app.migration_checksums order by name"):
        if name not in checksums:
            raise MigrationError(f"the database has migration {name}, which this version of KooDTX does not know")
        if checksums[name] != sha256:
            raise MigrationError(
                f"migrations/common/{name}.sql was edited after it had been applied:"
                " put it back as it was, and write the change as a new migration"
            )


def _backend(settings: Settings) -> PostgresqlPsycopgBackend:
    """yoyo's backend, its own tables in schema app. Its lock is a table row that a kill leaves: ours guards it."""
    arguments = {name: str(value) for name, value in conninfo_to_dict(_conninfo(settings)).items()}
    database = arguments.pop("dbname", "")
    uri = DatabaseURI("postgresql+psycopg", None, None, None, None, database, arguments | {"schema": "app"})
    backend = PostgresqlPsycopgBackend(uri, "yoyo_migration")
    backend.init_database()
    return backend
