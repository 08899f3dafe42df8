"""Backs up the database of a test, destroys it, and restores it."""

import os
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
from tests.support.private_servers import programs_for


@pytest.fixture(scope="session")
def programs(server: str) -> Path | None:
    return programs_for(server)


@pytest.fixture
def postgres_on_path(programs: Path | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs of the server's version are on PATH, as on a machine that has it installed."""
    if programs:
        monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")


@pytest.fixture
def file(tmp_path: Path, postgres_on_path: None) -> Path:
    """Where the backup goes."""
    return tmp_path / "koodtx.dump"


@pytest.fixture
def back_up(settings: Settings, file: Path) -> BackUp:
    """Writes `file`; returns what was printed."""

    def call() -> list[str]:
        said: list[str] = []
        backup(settings, file, Programs(), say=said.append)
        return said

    return call


@pytest.fixture
def put_back(settings: Settings, file: Path) -> Restore:
    """Restores `file`; returns what was printed."""

    def call(*, replace: bool = False, path: Path = file) -> list[str]:
        said: list[str] = []
        restore(settings, path, Programs(), replace=replace, say=said.append)
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
def pg_restore(db: Db, postgres_on_path: None) -> Path:
    """The one that fits the server."""
    return Programs().pg_restore(db.info.server_version // 10000)
