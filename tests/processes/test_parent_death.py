"""A process whose parent died, before or after it asked for the signal."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.waiting import wait_until

pytestmark = [pytest.mark.unit, pytest.mark.skipif(sys.platform != "linux", reason="needs prctl")]

# Starts a child that writes its pid, waits, then calls end_with_parent, and kills itself.
_PARENT = """
import multiprocessing, os, pathlib, signal, sys, time
from koodtx.processes.parent_death import end_with_parent

folder, before_s, after_s = pathlib.Path(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])

def child():
    time.sleep(before_s)
    end_with_parent()
    time.sleep(60)

process = multiprocessing.get_context("fork").Process(target=child)
process.start()
(folder / "pid").write_text(str(process.pid))
time.sleep(after_s)
os.kill(os.getpid(), signal.SIGKILL)
"""


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize(("before_s", "after_s"), [(0, 1), (1, 0)], ids=["after the request", "before the request"])
def test_process_ends_with_its_parent(tmp_path: Path, before_s: float, after_s: float) -> None:
    argv = [sys.executable, "-c", _PARENT, str(tmp_path), str(before_s), str(after_s)]
    assert subprocess.run(argv, timeout=30).returncode == -signal.SIGKILL
    pid = int((tmp_path / "pid").read_text())
    try:
        wait_until(lambda: not is_running(pid), 10)
    finally:
        if is_running(pid):
            os.kill(pid, signal.SIGKILL)
            time.sleep(0.1)
