"""What a killed PostgreSQL leaves behind: processes in its data folder, and the file that names its process.

Only called under the lock of the data folder, so whatever still runs there has lost the process that looked after it.
"""

import contextlib
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

# A server that was told to end when its parent died may still be writing: it gets time to do so.
_GRACE_S = 3.0
_STEPS = ((signal.SIGINT, 10.0), (signal.SIGKILL, 5.0))


def end_all(cluster: Path) -> None:
    """Wait for the PostgreSQL processes in `cluster` to end, then make them. Linux only; elsewhere does nothing."""
    if _all_gone(cluster, _GRACE_S):
        return
    for number, wait_s in _STEPS:
        for process in _processes_in(cluster):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, number)
        if _all_gone(cluster, wait_s):
            return


def forget_dead_owner(cluster: Path) -> None:
    """Remove a `postmaster.pid` whose process is gone: its number may belong to another program by now."""
    if sys.platform == "linux" and not list(_processes_in(cluster)):
        (cluster / "postmaster.pid").unlink(missing_ok=True)


def remove_tree(folder: Path) -> None:
    """Remove a folder of ours if it is there."""
    if folder.exists():
        shutil.rmtree(folder)


def _all_gone(cluster: Path, wait_s: float) -> bool:
    deadline = time.monotonic() + wait_s
    while any(True for _ in _processes_in(cluster)):
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
