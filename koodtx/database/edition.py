"""The server's versions and the edition of a database."""

from typing import Any

import psycopg
from msgspec import Struct

from koodtx.database.query import Connection, fetch_one, fetch_value

_SERVER = """
split_part(current_setting('server_version'), ' ', 1) as postgresql,
(select extversion from pg_catalog.pg_extension where extname = 'timescaledb') as timescaledb
"""
_EDITION = f"select app.edition() as name, {_SERVER}"


_JOBS = """
select coalesce(array_agg(name order by job_id) filter (where last_status = 'Failed'), '{}') as failed,
    coalesce(sum(failures), 0)::bigint as failures
from app.timescaledb_jobs()
"""


class TimescaleJobs(Struct, frozen=True):
    """`failed`: names of the jobs of TimescaleDB whose last run failed; `failures`: failed runs of all jobs so far."""

    failed: list[str]
    failures: int


class Edition(Struct, frozen=True):
    """`name`: community, apache or plain. `timescaledb`: the extension's version, None without it."""

    name: str
    postgresql: str
    timescaledb: str | None

    @property
    def server(self) -> str:
        """Both versions, e.g. `PostgreSQL 17.6 + TimescaleDB 2.21.1`."""
        return server_title(self.postgresql, self.timescaledb)

    def __str__(self) -> str:
        return self.server if self.timescaledb is None else f"{self.server} ({self.name.capitalize()})"


def server_title(postgresql: str, timescaledb: str | None) -> str:
    """Returns both versions for people; the second part only where TimescaleDB is installed."""
    return f"PostgreSQL {postgresql}" + (f" + TimescaleDB {timescaledb}" if timescaledb else "")


def read_edition(connection: psycopg.Connection[Any]) -> Edition:
    """Returns the edition of a migrated database."""
    row = connection.execute(_EDITION).fetchone()
    assert row is not None
    return Edition(*row)


def read_server_title(connection: psycopg.Connection[Any]) -> str:
    """Returns the server's versions, also of a database that is not migrated yet."""
    row = connection.execute(f"select {_SERVER}").fetchone()
    assert row is not None
    return server_title(*row)


async def fetch_edition(connection: Connection) -> Edition:
    """Returns the edition of a migrated database."""
    edition = await fetch_one(connection, Edition, _EDITION)
    assert edition is not None
    return edition


async def fetch_schema_version(connection: Connection) -> str | None:
    """Returns the name of the newest migration that was applied."""
    version: str | None = await fetch_value(connection, "select max(name) from app.migration_checksums")
    return version


async def fetch_timescaledb_jobs(connection: Connection) -> TimescaleJobs:
    """Returns how TimescaleDB's jobs are doing; none exist on other editions than Community."""
    jobs = await fetch_one(connection, TimescaleJobs, _JOBS)
    assert jobs is not None
    return jobs
