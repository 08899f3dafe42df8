"""A service in processes of its own, as a reader of the documents has it."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from koodtx.embedded.addresses import answers_ok, base_url
from koodtx.embedded.process import free_port
from koodtx.embedded.service import Service
from koodtx.settings import Settings
from tests.jobs.processes import WorkerProcess

ROOT = Path(__file__).parent.parent.parent

Serve = Callable[[Mapping[str, str]], str]


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
