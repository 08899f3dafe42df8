"""The reference phone, and a service for it in processes of its own."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from koodtx.embedded.addresses import answers_ok, base_url
from koodtx.embedded.process import free_port
from koodtx.embedded.service import Service
from koodtx.resources import project_folder
from tests.conftest import make_settings

# Apps copy it: it is no part of the package.
sys.path.insert(0, str(project_folder("examples")))


class Database:
    """The database of a service, which can be put back to what it was."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._name = str(conninfo_to_dict(url)["dbname"])
        self._dump = f"{self._name}_dump"

    def dump(self) -> None:
        self._copy(self._name, self._dump)

    def restore(self) -> None:
        """As from a dump: the service finds its connections broken, and at its next look another generation."""
        self._copy(self._dump, self._name)
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("select app.renew_sync_epoch()")

    def drop_dump(self) -> None:
        with psycopg.connect(self.url, dbname="postgres", autocommit=True) as connection:
            connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(self._dump)))

    def _copy(self, source: str, target: str) -> None:
        names = {"source": sql.Identifier(source), "target": sql.Identifier(target)}
        with psycopg.connect(self.url, dbname="postgres", autocommit=True) as connection:
            # No new connections meanwhile: a database in use cannot be copied.
            connection.execute(sql.SQL("alter database {source} allow_connections false").format(**names))
            connection.execute(
                "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = %s", [source]
            )
            connection.execute(sql.SQL("drop database if exists {target} with (force)").format(**names))
            connection.execute(sql.SQL("create database {target} template {source}").format(**names))
            connection.execute(sql.SQL("alter database {source} allow_connections true").format(**names))
            connection.execute(sql.SQL("alter database {target} allow_connections true").format(**names))


@pytest.fixture
def database(make_database: Callable[[], str]) -> Iterator[Database]:
    database = Database(make_database())
    yield database
    database.drop_dump()


@pytest.fixture
def service_url(database: Database, redis_url: str, tmp_path: Path) -> Iterator[str]:
    """Of `koodtx serve` on the database."""
    settings = make_settings(database.url)
    env = {
        "KOODTX_DATABASE_URL": settings.database_url,
        "KOODTX_REDIS_URL": redis_url,
        "KOODTX_SECRET_KEY": settings.secret_key,
        "KOODTX_PUSHES_PER_MINUTE": "0",
        "KOODTX_LOGINS_PER_MINUTE": "0",
        "KOODTX_LOGINS_PER_MINUTE_ADDRESS": "0",
    }
    port = free_port()
    url = base_url("127.0.0.1", port)
    argv = [sys.executable, "-m", "koodtx", "serve", "--host", "127.0.0.1", "--port", str(port)]
    is_ready = lambda: answers_ok(f"{url}/health")  # noqa: E731
    service = Service("API", "API", argv, env=env, log=tmp_path / "api.log", is_ready=is_ready)
    service.start()
    yield url
    service.stop()
