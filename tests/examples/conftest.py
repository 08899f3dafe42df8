"""The reference phone, and a service for it in processes of its own."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from koodtx.processes.addresses import answers_ok, base_url, free_port
from koodtx.processes.service import Service
from koodtx.resources import project_folder
from tests.examples.restorable import RestorableDatabase
from tests.support.settings import make_settings

# Apps copy it: it is not part of the package.
sys.path.insert(0, str(project_folder("examples")))


@pytest.fixture
def http_to() -> Iterator[Callable[..., httpx.Client]]:
    """Makes HTTP clients of a URL, which are closed at the end."""
    clients: list[httpx.Client] = []

    def http_to(url: str, **options: Any) -> httpx.Client:
        clients.append(httpx.Client(base_url=url, **options))
        return clients[-1]

    yield http_to
    for client in clients:
        client.close()


@pytest.fixture
def database(make_database: Callable[[], str]) -> Iterator[RestorableDatabase]:
    database = RestorableDatabase(make_database())
    yield database
    database.drop_dump()


@pytest.fixture
def service_url(database: RestorableDatabase, redis_url: str, tmp_path: Path) -> Iterator[str]:
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
