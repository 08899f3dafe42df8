"""What `koodtx doctor` asks the database."""

import time
from typing import Any

import psycopg
from psycopg import Connection

from koodtx.database.edition import read_edition
from koodtx.database.migration_files import missing
from koodtx.embedded.checks import Check
from koodtx.settings import Settings

_LEAST_LOCKS = 256
_MOST_CLOCK_DIFFERENCE_S = 5
_DURABLE = ("synchronous_commit", "fsync", "full_page_writes")
_VERSION = "select current_setting('server_version') || coalesce(' + TimescaleDB ' || max(extversion), '')"
_MIGRATE = "Run `koodtx migrate`."


def check_database(settings: Settings) -> list[Check]:
    """One line when it cannot be reached, else all that matters about it."""
    try:
        with psycopg.connect(settings.database_url, connect_timeout=5, autocommit=True) as connection:
            return [
                _check_edition(connection),
                _check_schema(connection),
                _check_locks(connection),
                _check_durability(connection),
                _check_clock(connection),
            ]
    except psycopg.Error as error:
        mend = "Start it, or mend KOODTX_DATABASE_URL."
        return [Check("Database", f"cannot be reached: {str(error).strip()}", mend)]


def _check_edition(connection: Connection[Any]) -> Check:
    try:
        return Check("Database", str(read_edition(connection)))
    except psycopg.Error:
        # Before the migration there is no function to ask.
        query = f"{_VERSION} from pg_extension where extname = 'timescaledb'"
        return Check("Database", f"PostgreSQL {_value(connection, query)}")


def _check_schema(connection: Connection[Any]) -> Check:
    """A database that was moved to another edition lacks that edition's migrations."""
    try:
        found = _value(connection, "select max(name) from app.migration_checksums")
        lacking = missing(connection)
    except psycopg.Error:
        return Check("Schema", "not there", _MIGRATE)
    return Check("Schema", found, f"{', '.join(lacking)} not applied. {_MIGRATE}" if lacking else "")


def _check_locks(connection: Connection[Any]) -> Check:
    found = int(_value(connection, "show max_locks_per_transaction"))
    mend = "" if found >= _LEAST_LOCKS else f"alter system set max_locks_per_transaction = {_LEAST_LOCKS}; restart it."
    return Check("Locks a transaction", str(found), mend)


def _check_durability(connection: Connection[Any]) -> Check:
    """With any of these off, a push that was acknowledged can be lost."""
    found = {name: _value(connection, f"show {name}") for name in _DURABLE}
    off = [name for name, value in found.items() if value in ("off", "local")]
    shown = ", ".join(f"{name} {value}" for name, value in found.items())
    mend = f"alter system set {off[0]} = on; select pg_reload_conf(). Else pushes can be lost." if off else ""
    return Check("Durability", shown, mend)


def _check_clock(connection: Connection[Any]) -> Check:
    difference = abs(float(_value(connection, "select extract(epoch from clock_timestamp())")) - time.time())
    mend = "Set both clocks by NTP." if difference > _MOST_CLOCK_DIFFERENCE_S else ""
    return Check("Database's clock", f"differs by {difference:.1f} s", mend)


def _value(connection: Connection[Any], query: str) -> str:
    row = connection.execute(query.encode()).fetchone()
    return str(row[0]) if row else ""
