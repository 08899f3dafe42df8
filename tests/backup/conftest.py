"""Backing up the database of a test, wrecking it, and restoring it."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from koodtx.backup.dump import backup
from koodtx.backup.programs import Programs
from koodtx.backup.restore import restore
from koodtx.settings import Settings

Wreck = Callable[[], None]
Restore = Callable[..., list[str]]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the backup goes."""
    return tmp_path / "koodtx.dump"


@pytest.fixture
def back_up(settings: Settings, file: Path) -> Callable[[], list[str]]:
    """Writes `file`; what was said."""

    def call() -> list[str]:
        said: list[str] = []
        backup(settings, file, Programs(None), say=said.append)
        return said

    return call


@pytest.fixture
def put_back(settings: Settings, file: Path) -> Restore:
    """Restores `file`; what was said."""

    def call(*, replace: bool = False, path: Path = file) -> list[str]:
        said: list[str] = []
        restore(settings, path, Programs(None), replace=replace, say=said.append)
        return said

    return call


@pytest.fixture
def wreck(server: str, database_url: str) -> Wreck:
    """Leaves an empty database of the same name."""

    def call() -> None:
        name = sql.Identifier(str(conninfo_to_dict(database_url)["dbname"]))
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(sql.SQL("drop database {} with (force)").format(name))
            connection.execute(sql.SQL("create database {} template template0").format(name))

    return call


@pytest.fixture
def pg_restore(db: psycopg.Connection[Any]) -> Path:
    """The one that fits the server."""
    return Programs(None).pg_restore(db.info.server_version // 10000)


def databases(server: str) -> set[str]:
    """Those that restores of this process leave behind."""
    with psycopg.connect(make_conninfo(server, dbname="postgres"), autocommit=True) as connection:
        query = "select datname from pg_database where datname ~ %s"
        pattern = f"^koodtx_test_{os.getpid()}_.*_(restoring|replaced)$"
        return {row[0] for row in connection.execute(query, [pattern])}


def rows(url: str) -> dict[str, list[Any]]:
    """Every row of every table of ours as text, but what a new generation changes."""
    with psycopg.connect(url, autocommit=True) as connection:
        names = [
            name
            for (name,) in connection.execute("select tablename from pg_tables where schemaname = 'app' order by 1")
            if name not in ("generation", "tickets")
        ]
        return {
            name: connection.execute(
                sql.SQL("select (to_jsonb(t) - %s)::text from app.{} as t order by 1").format(sql.Identifier(name)),
                ["changed_at" if name == "change_sequences" else ""],
            ).fetchall()
            for name in names
        }
