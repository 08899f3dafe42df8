"""Servers of the tests: one PostgreSQL and one Redis per process, a new copy of a migrated database per test.

KOODTX_TEST_DATABASE_URL (a superuser's) and KOODTX_TEST_REDIS_URL name servers that are already running.
"""

import itertools
import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import argon2
import psycopg
import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from litestar import Litestar
from litestar.testing import TestClient
from psycopg.conninfo import make_conninfo
from redis import Redis

from koodtx import rate_limits
from koodtx.accounts import passwords
from koodtx.database.migrate import migrate
from koodtx.embedded.choose import find_postgres, find_redis
from koodtx.embedded.postgres import PrivatePostgres
from koodtx.embedded.redis import PrivateRedis
from koodtx.settings import Settings
from tests.support.aliases import Client, CreateSession, CreateUser, Db, Document, Pull, User
from tests.support.apps import app_with
from tests.support.databases import close, copy_statement
from tests.support.job_driver import JobDriver
from tests.support.processes import StartWorker, WorkerProcess
from tests.support.readings import START_MS
from tests.support.requests import pull, push, push_body, register
from tests.support.servers import FAST, roomy_memory
from tests.support.settings import SERVICE_PASSWORD, make_settings

# A shell that starts the tests in the background has Ctrl-C ignored, here and in all that the tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)

hypothesis_settings.register_profile(
    "ci", max_examples=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
hypothesis_settings.register_profile("deep", max_examples=2000, deadline=None, suppress_health_check=list(HealthCheck))
hypothesis_settings.load_profile(os.environ.get("KOODTX_HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """URL of a PostgreSQL's superuser."""
    if url := os.environ.get("KOODTX_TEST_DATABASE_URL"):
        yield url
        return
    binaries = find_postgres(os.environ.get("KOODTX_POSTGRES_KIND"), print)
    with tempfile.TemporaryDirectory(prefix="koodtx-tests-", dir=roomy_memory()) as folder:
        Path(folder).chmod(0o755)
        postgres = PrivatePostgres(binaries, Path(folder) / "postgres", settings=FAST)
        postgres.start()
        yield postgres.conninfo()
        postgres.stop()


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    """URL of a Redis."""
    if url := os.environ.get("KOODTX_TEST_REDIS_URL"):
        yield url
        return
    with tempfile.TemporaryDirectory(prefix="koodtx-tests-") as folder:
        Path(folder).chmod(0o755)
        redis = PrivateRedis(find_redis(print), Path(folder) / "redis")
        redis.start()
        yield redis.url
        redis.stop()


@pytest.fixture(scope="session")
def template(server: str) -> Iterator[str]:
    """Name of a migrated database that the tests' own are copied from."""
    name = f"koodtx_template_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"create database {name}")
        migrate(make_settings(make_conninfo(server, dbname=name)), say=lambda line: None)
        # A role belongs to the whole server, which several test processes may share.
        connection.execute("select pg_advisory_lock(1)")
        connection.execute(f"alter role koodtx_app login password '{SERVICE_PASSWORD}'")
        connection.execute("select pg_advisory_unlock(1)")
        close(connection, name)
        yield name
        connection.execute(f"drop database {name} with (force)")


_numbers = itertools.count()


@pytest.fixture
def make_database(server: str, template: str) -> Iterator[Callable[[], str]]:
    """Makes fresh copies of the migrated database; each call gives an owner's URL."""
    names = []

    def make() -> str:
        names.append(f"koodtx_test_{os.getpid()}_{next(_numbers)}")
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(copy_statement(names[-1], template))
        return make_conninfo(server, dbname=names[-1])

    yield make
    with psycopg.connect(server, autocommit=True) as connection:
        for name in names:
            connection.execute(f"drop database if exists {name} with (force)")


@pytest.fixture
def database_url(make_database: Callable[[], str]) -> str:
    """A fresh, migrated database, as its owner."""
    return make_database()


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """An empty Redis."""
    with Redis.from_url(redis_server) as redis:
        redis.flushall()
    return redis_server


@pytest.fixture
def settings(database_url: str, redis_url: str) -> Settings:
    """Of the app under test. A module may override this fixture to change some."""
    return make_settings(database_url, redis_url=redis_url)


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Most tests register a user; the full cost of a password is for the tests of accounts, which override this."""
    quick = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_argon2", quick)


@pytest.fixture
def within_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits count by the minute of the clock: for them, one has just begun."""
    ahead = 60 - time.time() % 60
    monkeypatch.setattr(rate_limits, "time", SimpleNamespace(time=lambda: time.time() + ahead))


@pytest.fixture
def app(settings: Settings) -> Litestar:
    """The whole app on real servers."""
    return app_with(settings)


@pytest.fixture
def client(app: Litestar) -> Iterator[Client]:
    """Speaks HTTP to the app; its lifespan is running."""
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def db(database_url: str) -> Iterator[Db]:
    """A look into the database, as its owner."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def create_user(client: Client) -> CreateUser:
    """Registers a user: {username, email, password, headers} and what registration answered."""
    numbers = itertools.count(1)

    def create(username: str | None = None, device_id: str = "phone") -> User:
        return register(client, username or f"user{next(numbers)}", device_id)

    return create


@pytest.fixture
def user(create_user: CreateUser) -> Document:
    """A registered user with tokens."""
    return create_user()


@pytest.fixture
def auth_headers(user: Document) -> dict[str, str]:
    """The user's Authorization."""
    headers: dict[str, str] = user["headers"]
    return headers


@pytest.fixture
def sensor_data_batch() -> list[Document]:
    """A hundred readings of an accelerometer at 100 Hz."""
    return [
        {
            "sensor_type": "accelerometer",
            "timestamp": START_MS + index * 10,
            "data": {"x": index / 8, "y": -index / 16, "z": 9.8125},
        }
        for index in range(100)
    ]


@pytest.fixture
def gps_sensor_data() -> list[Document]:
    """Ten fixes, a second apart, about eleven metres each."""
    return [
        {
            "sensor_type": "gps",
            "timestamp": START_MS + index * 1000,
            "data": {"latitude": 37.5 + index / 10_000, "longitude": 127.0, "accuracy": 5.0, "speed": 11.1},
        }
        for index in range(10)
    ]


@pytest.fixture
def create_session(client: Client, auth_headers: dict[str, str]) -> CreateSession:
    """Pushes one session of the user; returns the reply."""
    numbers = itertools.count(1)

    def create(readings: Any = (), **fields: Any) -> Document:
        session_id = fields.pop("session_id", None) or f"session-{next(numbers)}"
        return push(client, auth_headers, push_body(readings, session_id, **fields))

    return create


@pytest.fixture
def recording_session(create_session: CreateSession, sensor_data_batch: list[Document]) -> Document:
    """A session that is being recorded, with a hundred readings."""
    return create_session(sensor_data_batch, sample_rate=100, enabled_sensors=["accelerometer"])


@pytest.fixture
def completed_session(create_session: CreateSession, sensor_data_batch: list[Document]) -> Document:
    """A session that has ended, with a hundred readings."""
    return create_session(sensor_data_batch, end_time="2025-10-09T09:00:00Z")


@pytest.fixture
def driver(client: Client, settings: Settings, auth_headers: dict[str, str], recording_session: Document) -> JobDriver:
    """Of a queued job of the user."""
    question = {"kind": "calculate_session_metrics", "session_id": recording_session["session_id"]}
    reply = client.post("/api/v1/analysis", json=question, headers=auth_headers)
    return JobDriver(settings, reply.json()["job_id"])


@pytest.fixture
def start_worker(settings: Settings, tmp_path: Path) -> Iterator[StartWorker]:
    """Starts worker processes; all are stopped in the end."""
    workers: list[WorkerProcess] = []

    def start() -> WorkerProcess:
        workers.append(WorkerProcess(settings, tmp_path / "worker.log"))
        return workers[-1]

    yield start
    for worker in workers:
        worker.stop()


@pytest.fixture(name="pull")
def pull_fixture(client: Client, auth_headers: dict[str, str]) -> Pull:
    """Pulls with the members given; returns the reply, whose status must be the expected one."""

    def call(*, headers: dict[str, str] | None = None, status: int = 200, **members: Any) -> Document:
        return pull(client, auth_headers | (headers or {}), status, **members)

    return call
