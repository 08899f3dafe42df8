"""A service in processes of its own, as a reader of the documents has it."""

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import psycopg
import pytest
from litestar.testing import TestClient
from psycopg.conninfo import make_conninfo

from koodtx.app import create_app
from koodtx.processes.addresses import answers_ok, base_url, free_port
from koodtx.processes.service import Service
from koodtx.settings import Settings
from tests.docs import loaded
from tests.support.aliases import Serve
from tests.support.databases import copy_statement
from tests.support.processes import WorkerProcess
from tests.support.settings import make_settings

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Starts `koodtx serve` with some environment; its URL."""
    services = []

    def start(env: Mapping[str, str]) -> str:
        port = free_port()
        url = base_url("127.0.0.1", port)
        argv = [sys.executable, "-m", "koodtx", "serve", "--host", "127.0.0.1", "--port", str(port)]
        log = tmp_path / "api.log"
        services.append(Service("API", "API", argv, env=env, log=log, is_ready=lambda: answers_ok(f"{url}/health")))
        services[-1].start()
        return url

    yield start
    for service in services:
        service.stop()


@pytest.fixture
def url(serve: Serve, settings: Settings) -> str:
    """Of a service with a fresh database."""
    return serve(
        {
            "KOODTX_DATABASE_URL": settings.database_url,
            "KOODTX_REDIS_URL": settings.redis_url,
            "KOODTX_SECRET_KEY": settings.secret_key,
            "KOODTX_STORAGE_URL": settings.storage_url,
        }
    )


@pytest.fixture
def worker(settings: Settings, tmp_path: Path) -> Iterator[WorkerProcess]:
    """Runs the jobs of that service."""
    process = WorkerProcess(settings, tmp_path / "worker.log")
    yield process
    process.stop()


@pytest.fixture
def clean_environ() -> dict[str, str]:
    """Our environment without settings of KooDTX."""
    return {name: value for name, value in os.environ.items() if not name.startswith("KOODTX_")}


@pytest.fixture(scope="session")
def recordings(server: str, redis_server: str, template: str) -> Iterator[str]:
    """A database with the recordings of tests/docs/loaded.py; its owner's URL. Tests leave it as it is."""
    name = f"koodtx_recordings_{os.getpid()}"
    url = make_conninfo(server, dbname=name)
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(copy_statement(name, template))
        try:
            with TestClient(create_app(make_settings(url, redis_url=redis_server))) as client:
                loaded.load(client)
            yield url
        finally:
            admin.execute(f"drop database {name} with (force)")


@pytest.fixture(scope="session")
def analysts_url(recordings: str, server: str) -> Iterator[str]:
    """The same database, for a person who is a member of koodtx_analyst."""
    role = f"koodtx_docs_analyst_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"create role {role} login password 'analyst' in role koodtx_analyst")
        yield make_conninfo(recordings, user=role, password="analyst", options="-c timezone=UTC")
        admin.execute(f"drop role {role}")
