"""Storage in a folder and in S3: what asks for `storage` runs with both."""

import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from koodtx.processes.addresses import free_port
from koodtx.settings import Settings
from tests.support.aliases import Db
from tests.support.databases import copy_statement
from tests.support.files import Changes
from tests.support.processes import WorkerProcess
from tests.support.requests import register
from tests.support.s3_server import make_bucket, s3_server
from tests.support.serving import serving
from tests.support.settings import ANALYSIS_SECRET, make_settings
from tests.support.takes import REFERENCE, add_line, store_audio
from tests.support.waiting import wait_until
from tests.takes.service import Service

_numbers = itertools.count()


@pytest.fixture
def settings(database_url: str, redis_url: str, tmp_path: Path) -> Settings:
    """Of the app in this process."""
    return make_settings(
        database_url,
        redis_url=redis_url,
        storage_url=(tmp_path / "objects").as_uri(),
    )


@pytest.fixture
def line_id(settings: Settings, db: Db) -> int:
    """A line with reference audio."""
    return add_line(db, "seven", store_audio(settings, REFERENCE, "reference"))


@pytest.fixture(scope="module")
def module_database(server: str, template: str) -> Iterator[str]:
    """A migrated database; its owner's URL."""
    name = f"koodtx_takes_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(copy_statement(name, template))
        yield make_conninfo(server, dbname=name)
        admin.execute(f"drop database {name} with (force)")


@pytest.fixture(scope="module", params=["folder", pytest.param("s3", marks=pytest.mark.long)])
def storage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Changes]:
    """Settings of an empty store."""
    if request.param == "folder":
        yield {"storage_url": tmp_path_factory.mktemp("objects").as_uri()}
        return
    with s3_server() as url:
        make_bucket(url, "takes")
        yield {
            "storage_url": "s3://takes/some/prefix",
            "s3_endpoint": url,
            "s3_access_key_id": "key",
            "s3_secret_access_key": "secret",
        }


@pytest.fixture(scope="module")
def service(
    storage: Changes, module_database: str, redis_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """The API, a worker and an analysis server, each as a process."""
    api_port, analysis_port = free_port(), free_port()
    changes: Changes = storage | {
        "analysis_server_url": f"http://127.0.0.1:{analysis_port}/base",
        "analysis_server_secret": ANALYSIS_SECRET,
        "public_url": f"http://127.0.0.1:{api_port}",
        "analysis_request_timeout_s": 2,
        "analysis_retry_s": 0.2,
        "analysis_poll_s": 0.5,
        "analysis_pause_s": 1,
    }
    settings = make_settings(module_database, redis_url=redis_server, **changes)
    environment = {f"KOODTX_{name.upper()}": str(value) for name, value in changes.items()}
    environment |= {"KOODTX_DATABASE_URL": settings.database_url, "KOODTX_REDIS_URL": redis_server}
    with ExitStack() as stack:
        stack.enter_context(_analysis_server(analysis_port))
        client = stack.enter_context(serving(settings, environment, port=api_port))
        worker = WorkerProcess(settings, tmp_path_factory.mktemp("logs") / "worker.log")
        stack.callback(worker.stop)
        db = stack.enter_context(psycopg.connect(module_database, autocommit=True))
        headers = register(client, f"mina{next(_numbers)}")["headers"]
        analysis = stack.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{analysis_port}"))
        yield Service(client, db, settings, headers, analysis)


def _analysis_server(port: int) -> "ExitStack":
    """Runs until the stack is closed."""
    stack = ExitStack()
    command = [sys.executable, "-m", "tests.takes.analysis_server", str(port), ANALYSIS_SECRET]
    process = subprocess.Popen(command)

    def end() -> None:
        process.terminate()
        process.wait(30)

    stack.callback(end)
    with stack:
        wait_until(lambda: _answers(f"http://127.0.0.1:{port}/requests"), 30, "the start of the analysis server")
        return stack.pop_all()


def _answers(url: str) -> bool:
    try:
        return httpx.get(url).is_success
    except httpx.TransportError:
        return False
