"""A local S3 server, which speaks the protocol over HTTP."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from koodtx.processes.addresses import free_port
from tests.support.waiting import wait_until

_START_S = 60


@contextmanager
def s3_server() -> Iterator[str]:
    """URL of a server without buckets."""
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: _answers(url), _START_S, "the start of the S3 server")
        yield url
    finally:
        process.terminate()
        process.wait(30)


def make_bucket(url: str, name: str) -> None:
    httpx.put(f"{url}/{name}").raise_for_status()


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/moto-api/").is_success
    except httpx.TransportError:
        return False
