"""`koodtx serve` as a process, for what only a real connection shows."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import httpx

from koodtx.processes.addresses import free_port
from koodtx.settings import Settings
from tests.support.command_settings import command_environment
from tests.support.settings import ANALYSIS_SECRET
from tests.support.waiting import wait_until

_START_S = 30


@contextmanager
def serving(
    settings: Settings, more: Mapping[str, str] | None = None, port: int | None = None
) -> Iterator[httpx.Client]:
    """A client of a service of its own on the database of these settings. `more`: of its environment."""
    port = port or free_port()
    environment = command_environment(settings.database_url) | {
        "KOODTX_LOG_LEVEL": "error",
        "KOODTX_PUSHES_PER_MINUTE": "0",
        "KOODTX_LOGINS_PER_MINUTE": "0",
        "KOODTX_LOGINS_PER_MINUTE_ADDRESS": "0",
        "KOODTX_ANALYSIS_SERVER_URL": "http://127.0.0.1:9",
        "KOODTX_ANALYSIS_SERVER_SECRET": ANALYSIS_SECRET,
        **(more or {}),
    }
    command = [sys.executable, "-m", "koodtx", "serve", "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            wait_until(lambda: _is_healthy(client), _START_S, "the start of the service")
            yield client
    finally:
        process.terminate()
        process.wait(30)


def _is_healthy(client: httpx.Client) -> bool:
    try:
        return client.get("/health").is_success
    except httpx.TransportError:
        return False
