"""What a killed PostgreSQL leaves behind: processes in its data folder, and the file that names its process.

Only called under the lock of the data folder, so whatever still runs there has lost the process that looked after it.
"""

import contextlib
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

_PARTING_S = 0.5
_SHUTDOWN_S = 20.0
_KILL_S = 5.0


def end_all(cluster: Path) -> None:
    """Wait for the PostgreSQL processes in `cluster` to end, then make them. Linux only; elsewhere does nothing.

    A server, told to end when its parent died, gets time to write what it has; processes that lost their server
    have nothing to write and are killed.
    """
    if _all_gone(cluster, _PARTING_S):
        return
    server = _owner(cluster)
    if server in _processes_in(cluster):
        _signal([server], signal.SIGINT)
        if _all_gone(cluster, _SHUTDOWN_S):
            return
    _signal(_processes_in(cluster), signal.SIGKILL)
    _all_gone(cluster, _KILL_S)


def forget_dead_owner(cluster: Path) -> None:
    """Remove a `postmaster.pid` whose process is gone: its number may belong to another program by now."""
    if sys.platform == "linux" and not any(_processes_in(cluster)):
        (cluster / "postmaster.pid").unlink(missing_ok=True)


def remove_tree(folder: Path) -> None:
    """Remove a folder of ours if it is there."""
    if folder.exists():
        shutil.rmtree(folder)


def _owner(cluster: Path) -> int:
    """The process that `postmaster.pid` names, or 0."""
    try:
        return int((cluster / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return 0


def _signal(processes: Iterable[int], number: int) -> None:
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, number)


def _all_gone(cluster: Path, wait_s: float) -> bool:
    deadline = time.monotonic() + wait_s
    while any(_processes_in(cluster)):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _processes_in(cluster: Path) -> Iterator[int]:
    """PostgreSQL enters its data folder and stays there, which nothing else does under that program name."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cwd").readlink() == cluster and (entry / "exe").readlink().name.startswith("postgres"):
                yield int(entry.name)
        except OSError:
            continue
