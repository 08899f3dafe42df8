"""Applications that run on copies of the world of the matrix."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from pathlib import Path

import argon2
import psycopg
import pytest
from litestar.testing import TestClient
from psycopg.conninfo import make_conninfo
from redis import Redis

from koodtx.accounts import active_logins, passwords
from koodtx.accounts.active_logins import ActiveLogins
from koodtx.settings import Settings
from tests.hostile.bugs import planted
from tests.hostile.matrix import Matrix
from tests.hostile.world import World, build
from tests.support.aliases import Client, Db
from tests.support.apps import app_with
from tests.support.databases import close, copy_statement
from tests.support.settings import make_settings
from tests.sync.histories.bugs import Edit

_numbers = count()


class Running:
    """An application that runs on a copy of the world."""

    def __init__(self, settings: Settings, client: Client, db: Db, world: World) -> None:
        self.settings = settings
        self.client = client
        self.db = db
        self.world = world
        self.matrix = Matrix(client.app, client, db, world)


RunWorld = Callable[..., AbstractContextManager[Running]]


class Worlds:
    """Runs one application at a time, each on a database of its own."""

    def __init__(self, server: str, template: str, redis_url: str, objects: Path) -> None:
        self._server = server
        self._template = template
        self._redis_url = redis_url
        self._objects = objects
        self._names: list[str] = []
        with self._application(template) as (_, client, db):
            self._world = build(client, db)
        self._original = self._names[-1]
        with psycopg.connect(server, autocommit=True) as connection:
            close(connection, self._original)

    @contextmanager
    def run(self, bug: Edit | None = None) -> Iterator[Running]:
        """A copy of the world; with a bug, a world that is made with it from the beginning."""
        with self._application(self._template if bug else self._original) as (settings, client, db):
            if bug is None:
                yield Running(settings, client, db, self._world)
                return
            with planted(bug, db):
                yield Running(settings, client, db, build(client, db))

    def drop(self) -> None:
        with psycopg.connect(self._server, autocommit=True) as connection:
            for name in self._names:
                connection.execute(f"drop database if exists {name} with (force)".encode())

    @contextmanager
    def _application(self, copied: str) -> Iterator[tuple[Settings, Client, Db]]:
        self._names.append(f"koodtx_world_{os.getpid()}_{next(_numbers)}")
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(copy_statement(self._names[-1], copied))
        with Redis.from_url(self._redis_url) as redis:
            redis.flushall()
        owner_url = make_conninfo(self._server, dbname=self._names[-1])
        settings = make_settings(
            owner_url,
            redis_url=self._redis_url,
            storage_url=self._objects.as_uri(),
        )
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(passwords, "_argon2", argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
            # Logins have the same ids in every copy.
            patch.setattr(active_logins, "_active_logins", ActiveLogins())
            with (
                psycopg.connect(owner_url, autocommit=True) as db,
                TestClient(app_with(settings), raise_server_exceptions=False) as client,
            ):
                yield settings, client, db
