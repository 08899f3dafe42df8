"""Which servers are chosen."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from koodtx.embedded import cache, debian
from koodtx.embedded.apt import Mirrors
from koodtx.embedded.choose import find_postgres, find_redis, plan_postgres, plan_redis
from koodtx.embedded.errors import EmbeddedError, Unavailable

pytestmark = pytest.mark.integration


def test_first_choice_has_timescaledb_unless_it_is_the_wheel() -> None:
    found = find_postgres(None, print)
    assert found.has_timescaledb == (found.kind != "wheel"), found
    assert int(found.major) >= 15
    plan = plan_postgres(None)
    assert plan.kind == found.kind
    assert str(plan).startswith(f"{found.title}, {found.kind} (")


def test_installed_one_without_timescaledb_is_not_chosen() -> None:
    """This machine may have any: only one with TimescaleDB is used."""
    try:
        plan = plan_postgres("installed")
    except EmbeddedError:
        assert plan_postgres(None).kind != "installed"
        assert "no PostgreSQL with TimescaleDB is installed" in plan_postgres(None).reason
    else:
        assert plan.found is not None
        assert plan.found.has_timescaledb


def test_kind_can_be_required(monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_postgres("wheel", print).kind == "wheel"
    monkeypatch.setenv("KOODTX_POSTGRES_KIND", "wheel")
    assert find_postgres(None, print).title.endswith("(plain)")
    assert "requested" in str(plan_postgres(None))
    with pytest.raises(EmbeddedError, match="installed, debian, wheel"):
        find_postgres("oracle", print)


def test_redis_of_the_virtual_environment_does_not_hide_a_newer_one(monkeypatch: pytest.MonkeyPatch) -> None:
    before = find_redis(print)
    monkeypatch.setenv("PATH", f"{Path(sys.prefix) / 'bin'}:{os.environ['PATH']}")
    assert find_redis(print) == before
    assert before.title in str(plan_redis())


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_ROOT_CACHE", tmp_path / "cache")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(debian, "_failures", {})


@pytest.mark.skipif(debian.obstacle() is not None, reason=str(debian.obstacle()))
@pytest.mark.usefixtures("empty_cache")
class TestDebianFetch:
    def test_without_a_mirror_it_fails_soon_and_leaves_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(debian, "find_mirrors", lambda _: Mirrors("http://127.0.0.1:9/debian", None))
        began = time.monotonic()
        with pytest.raises(Unavailable, match="apt-get failed"):
            debian.fetch(print)
        assert time.monotonic() - began < 20
        assert [path.name for path in cache.cache_folder().iterdir()] == ["lock"]

    def test_failed_fetch_is_reported_once_and_the_next_kind_is_used(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(debian, "find_mirrors", lambda _: Mirrors("http://127.0.0.1:9/debian", None))
        if plan_postgres(None).found is not None:
            pytest.skip("a PostgreSQL with TimescaleDB is installed")
        said: list[str] = []
        assert find_postgres(None, said.append).kind == "wheel"
        assert sum("Debian's packages are not available: apt-get failed" in line for line in said) == 1
        before = len(said)
        find_postgres(None, said.append)
        assert "debian: apt-get failed" in plan_postgres(None).reason
        assert len(said) == before

    def test_required_debian_does_not_become_the_wheel(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(debian, "obstacle", lambda: "this machine is not Debian")
        with pytest.raises(EmbeddedError, match="not Debian"):
            find_postgres("debian", print)
        said: list[str] = []
        assert find_postgres(None, said.append).kind in ("wheel", "installed")
        assert said == []

    def test_plan_fetches_nothing(self) -> None:
        assert "to be fetched at the next start" in str(plan_postgres("debian"))
        assert not cache.cache_folder().exists()

    @pytest.mark.deep
    def test_two_at_once_fetch_once_and_it_runs(self) -> None:
        """Over the network: ten seconds and more."""
        said: list[str] = []
        with ThreadPoolExecutor(2) as pool:
            folders = list(pool.map(debian.fetch, [said.append, said.append]))
        assert folders[0] == folders[1] == debian.unpacked()
        assert sum("Fetching" in line for line in said) == 1
        assert find_postgres("debian", print).has_timescaledb
        redis = subprocess.run([folders[0] / "usr/bin/redis-server", "--version"], capture_output=True, check=True)
        assert b"Redis server v=" in redis.stdout

    def test_time_limit_ends_a_mirror_that_hangs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(debian, "_LIMIT_S", 0)
        with pytest.raises(Unavailable, match="took too long"):
            debian.fetch(print)
        left = subprocess.run(["pgrep", "-f", str(cache.cache_folder())], check=False, capture_output=True)
        assert left.stdout == b""


@pytest.mark.parametrize(
    ("release", "suite", "reason"),
    [
        ({"ID": "debian", "VERSION_ID": "12", "VERSION_CODENAME": "bookworm"}, "trixie", None),
        ({"ID": "debian", "VERSION_ID": "13", "VERSION_CODENAME": "trixie"}, "trixie", None),
        ({"ID": "debian", "VERSION_ID": "14", "VERSION_CODENAME": "forky"}, "forky", None),
        ({"ID": "debian", "VERSION_CODENAME": "sid"}, "trixie", None),
        ({"ID": "fedora", "VERSION_ID": "44", "VERSION_CODENAME": ""}, "trixie", "not Debian"),
        ({}, "trixie", "not Debian"),
    ],
)
def test_which_release_of_debian(
    release: dict[str, str], suite: str, reason: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(debian, "os_release", lambda: release)
    monkeypatch.setattr(debian, "_mirrors", lambda: Mirrors("http://127.0.0.1:9/debian", None))
    if reason:
        assert reason in str(debian.obstacle())
    else:
        assert debian.suite() == suite
