"""Locks on folders."""

import subprocess
import sys
from pathlib import Path

import pytest

from koodtx.processes.locks import folder_lock, try_lock

pytestmark = pytest.mark.unit


def test_only_one_holds_a_lock(tmp_path: Path) -> None:
    first, second = folder_lock(tmp_path), folder_lock(tmp_path)
    assert try_lock(first)
    assert try_lock(first), "it is held already"
    assert not try_lock(second, wait_s=0.2)
    first.release()
    assert try_lock(second)
    second.release()
    assert (tmp_path / "lock").stat().st_mode & 0o777 == 0o600


def test_lock_ends_with_its_process(tmp_path: Path) -> None:
    program = """
import os, signal, sys
from pathlib import Path
from koodtx.processes.locks import folder_lock, try_lock
lock = folder_lock(Path(sys.argv[1]))
assert try_lock(lock)
os.kill(os.getpid(), signal.SIGKILL)
"""
    holder = subprocess.run([sys.executable, "-c", program, tmp_path], check=False)
    assert holder.returncode == -9
    lock = folder_lock(tmp_path)
    assert try_lock(lock)
    lock.release()
