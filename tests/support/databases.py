"""Queries about databases of the tests."""

import os
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from tests.support.aliases import Db


def copy_statement(name: str, template: str) -> sql.Composed:
    """Returns the statement that copies a database. Copies of files take a quarter of the time of copies by the log."""
    names = {"name": sql.Identifier(name), "template": sql.Identifier(template)}
    return sql.SQL("create database {name} template {template} strategy file_copy").format(**names)


def close(connection: Db, name: str) -> None:
    """Lets nobody into a database that others are copied from: TimescaleDB's background worker would prevent it."""
    connection.execute(sql.SQL("alter database {} allow_connections false").format(sql.Identifier(name)))
    connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [name])


def value(db: Db, query: str, *parameters: Any) -> Any:
    """Returns the only value of a query."""
    row = db.execute(query, parameters).fetchone()  # type: ignore[call-overload]
    assert row is not None
    return row[0]


def erase_deleted(db: Db) -> None:
    """Erases the readings and rollups of deleted sessions, as the job does."""
    while value(db, "select app.erase_readings(10000)") is not None:
        pass


def stored(db: Db) -> dict[str, int]:
    """Returns the number of stored readings per session_id."""
    rows = db.execute(
        "select s.session_id, (select count(*) from app.sensor_data as d where d.recording_id = s.id)"
        " from app.recording_sessions as s order by s.id"
    ).fetchall()
    return dict(rows)


def databases(server: str) -> set[str]:
    """Returns the databases that restores of this process left behind."""
    with psycopg.connect(make_conninfo(server, dbname="postgres"), autocommit=True) as connection:
        query = "select datname from pg_database where datname ~ %s"
        pattern = f"^koodtx_test_{os.getpid()}_.*_(restoring|replaced)$"
        return {row[0] for row in connection.execute(query, [pattern])}


def rows(url: str) -> dict[str, list[Any]]:
    """Returns every row of every table of schema app as text, except what a restore changes."""
    with psycopg.connect(url, autocommit=True) as connection:
        names = [
            name
            for (name,) in connection.execute("select tablename from pg_tables where schemaname = 'app' order by 1")
            if name not in ("sync_epoch", "tickets")
        ]
        return {
            name: connection.execute(
                sql.SQL("select (to_jsonb(t) - %s)::text from app.{} as t order by 1").format(sql.Identifier(name)),
                ["changed_at" if name == "change_sequences" else ""],
            ).fetchall()
            for name in names
        }
