"""`koodtx serve` as a process, for what only a real connection shows."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from koodtx.settings import Settings

_START_S = 30


@contextmanager
def serving(settings: Settings) -> Iterator[httpx.Client]:
    """A client that speaks to a service of its own with these settings."""
    port = _free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KOODTX_")} | {
        "KOODTX_DATABASE_URL": settings.database_url,
        "KOODTX_SECRET_KEY": settings.secret_key,
        "KOODTX_LOG_LEVEL": "error",
        "KOODTX_PUSHES_PER_MINUTE": "0",
        "KOODTX_LOGINS_PER_MINUTE": "0",
        "KOODTX_LOGINS_PER_MINUTE_ADDRESS": "0",
    }
    command = [sys.executable, "-m", "koodtx", "serve", "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            _wait(client)
            yield client
    finally:
        process.terminate()
        process.wait(30)


def log_in(client: httpx.Client) -> dict[str, str]:
    """The Authorization of a new user."""
    account = {"username": "mina", "email": "mina@example.org", "password": "correct horse battery staple"}
    reply = client.post("/api/auth/register", json=account)
    assert reply.status_code == 201, reply.text
    return {"Authorization": f"Bearer {reply.json()['access_token']}"}


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _wait(client: httpx.Client) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline:
        try:
            if client.get("/health").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise TimeoutError("the service did not come up")
