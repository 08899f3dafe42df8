"""Servers of these tests' own: they are killed, stopped and started again."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from koodtx.embedded import EmbeddedError
from koodtx.embedded.binaries import PostgresBinaries, RedisBinary, find_postgres, find_redis

# No fsync: initdb is most of the time otherwise.
FAST = {"fsync": "off", "shared_buffers": "16MB", "max_connections": "20"}


@contextmanager
def server_folder() -> Iterator[Path]:
    """A folder that the servers' account can enter when we are root, which pytest's own is not."""
    with tempfile.TemporaryDirectory(prefix="koodtx-embedded-") as name:
        path = Path(name).resolve()
        if os.geteuid() == 0:
            path.chmod(0o755)
        yield path


@pytest.fixture
def folder() -> Iterator[Path]:
    with server_folder() as path:
        yield path


@pytest.fixture(scope="module", params=["default", "wheel"])
def binaries(request: pytest.FixtureRequest) -> PostgresBinaries:
    """The PostgreSQL that `koodtx up` takes here, and the wheel's."""
    try:
        found = find_postgres("wheel" if request.param == "wheel" else None, print)
    except EmbeddedError as error:
        pytest.skip(str(error))
    if request.param == "default" and found.kind == "wheel":
        pytest.skip("the wheel is the default here")
    return found


@pytest.fixture(scope="module")
def redis_binary() -> RedisBinary:
    return find_redis(print)
