"""A world with everybody in it, made once per module."""

from collections.abc import Iterator

import pytest

from tests.hostile.running import RunWorld, Worlds


@pytest.fixture(scope="module")
def run_world(
    server: str, template: str, redis_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunWorld]:
    """Runs the application on a new copy of the world."""
    worlds = Worlds(server, template, redis_server, tmp_path_factory.mktemp("objects"))
    yield worlds.run
    worlds.drop()
