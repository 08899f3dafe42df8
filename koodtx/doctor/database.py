"""Checks of the database. Each says how to fix what it finds wrong."""

import time
from typing import Any

import psycopg
from psycopg import Connection

from koodtx.database.edition import read_edition
from koodtx.database.migration_files import missing
from koodtx.database.public_rights import COMMAND, rights_left
from koodtx.doctor.check import Check
from koodtx.settings import Settings

_MIN_LOCKS = 256
_MAX_CLOCK_DIFFERENCE_S = 5
_DURABLE = ("synchronous_commit", "fsync", "full_page_writes")
_VERSION = "select current_setting('server_version') || coalesce(' + TimescaleDB ' || max(extversion), '')"
_MIGRATE = "Run `koodtx migrate`."
# TimescaleDB drops a portal that it never ran, which newer minor releases of PostgreSQL refuse.
_PORTAL = "The work is done, but counted as failed: this PostgreSQL does not fit this TimescaleDB (docs/operations.md)"


def check_database(settings: Settings) -> list[Check]:
    """One check if it cannot be reached, else all of them."""
    try:
        with psycopg.connect(settings.database_url, connect_timeout=5, autocommit=True) as connection:
            return [
                _check_edition(connection),
                _check_schema(connection),
                _check_locks(connection),
                _check_durability(connection),
                _check_clock(connection),
                *_check_migrated(connection),
            ]
    except psycopg.Error as error:
        advice = "Start it, or correct KOODTX_DATABASE_URL."
        return [Check("Database", f"cannot be reached: {str(error).strip()}", advice)]


def _check_edition(connection: Connection[Any]) -> Check:
    try:
        return Check("Database", str(read_edition(connection)))
    except psycopg.Error:
        # Before the migration there is no function that returns it.
        query = f"{_VERSION} from pg_extension where extname = 'timescaledb'"
        return Check("Database", f"PostgreSQL {_value(connection, query)}")


def _check_schema(connection: Connection[Any]) -> Check:
    """A database that was moved to another edition lacks the migrations of that edition."""
    try:
        found = _value(connection, "select max(name) from app.migration_checksums")
        lacking = missing(connection)
    except psycopg.Error:
        return Check("Schema", "missing", _MIGRATE)
    return Check("Schema", found, f"{', '.join(lacking)} not applied. {_MIGRATE}" if lacking else "")


def _check_locks(connection: Connection[Any]) -> Check:
    found = int(_value(connection, "show max_locks_per_transaction"))
    advice = f"alter system set max_locks_per_transaction = {_MIN_LOCKS}; restart it."
    return Check("Locks per transaction", str(found), "" if found >= _MIN_LOCKS else advice)


def _check_durability(connection: Connection[Any]) -> Check:
    """If any of these is off, an acknowledged push can be lost."""
    found = {name: _value(connection, f"show {name}") for name in _DURABLE}
    off = [name for name, value in found.items() if value in ("off", "local")]
    shown = ", ".join(f"{name} {value}" for name, value in found.items())
    advice = f"alter system set {off[0]} = on; select pg_reload_conf(). Otherwise pushes can be lost." if off else ""
    return Check("Durability", shown, advice)


def _check_clock(connection: Connection[Any]) -> Check:
    difference = abs(float(_value(connection, "select extract(epoch from clock_timestamp())")) - time.time())
    advice = "Set both clocks by NTP." if difference > _MAX_CLOCK_DIFFERENCE_S else ""
    return Check("Database's clock", f"differs by {difference:.1f} s", advice)


def _check_migrated(connection: Connection[Any]) -> list[Check]:
    """What a migrated database reports about itself; nothing before the migration."""
    try:
        return [_check_timescaledb_jobs(connection), _check_public_rights(connection)]
    except psycopg.Error:
        return []


def _check_timescaledb_jobs(connection: Connection[Any]) -> Check:
    """Names the jobs whose last run failed: rollups, columnstore or retention are behind then."""
    rows = connection.execute("select name, last_status, error from app.timescaledb_jobs()").fetchall()
    failed = [f"{name}: {error or 'no message'}" for name, status, error in rows if status == "Failed"]
    found = f"{len(rows)} jobs, {len(failed)} failed last" if rows else "none on this edition"
    advice = "; ".join(failed)
    if any("portal" in line for line in failed):
        advice += ". " + _PORTAL
    return Check("TimescaleDB's jobs", found, advice)


def _check_public_rights(connection: Connection[Any]) -> Check:
    left = rights_left(connection)
    found = f"{len(left)} rights of PUBLIC beyond reading" if left else "can only read"
    return Check("Analysts", found, f"As a superuser in this database: {COMMAND}" if left else "")


def _value(connection: Connection[Any], query: str) -> str:
    row = connection.execute(query.encode()).fetchone()
    return str(row[0]) if row else ""
