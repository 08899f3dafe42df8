"""Backing up the database of a test, wrecking it, and restoring it."""

from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from koodtx.backup.dump import backup
from koodtx.backup.programs import Programs
from koodtx.backup.restore import restore
from koodtx.settings import Settings
from tests.support.aliases import BackUp, Db, Restore, Wreck


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the backup goes."""
    return tmp_path / "koodtx.dump"


@pytest.fixture
def back_up(settings: Settings, file: Path) -> BackUp:
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
def pg_restore(db: Db) -> Path:
    """The one that fits the server."""
    return Programs(None).pg_restore(db.info.server_version // 10000)
