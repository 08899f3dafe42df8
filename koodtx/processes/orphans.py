"""What a killed PostgreSQL leaves behind: processes in its data folder, and the file that names its process.

Only called under the lock of the data folder, so every process that still runs there has lost its parent.
"""

import contextlib
import signal
import time
from pathlib import Path

import psutil

_GRACE_S = 0.5
_SHUTDOWN_S = 20.0
_KILL_S = 5.0


def end_all(cluster: Path) -> None:
    """Waits for the PostgreSQL processes in `cluster` to end, then ends them.

    The server, which gets a signal when its parent dies, has time to write what it holds. Processes without their
    server have nothing to write and are killed.
    """
    if _all_gone(cluster, _GRACE_S):
        return
    server_pid = _server_pid(cluster)
    servers = [process for process in _processes_in(cluster) if process.pid == server_pid]
    if servers:
        _signal(servers, signal.SIGINT)
        if _all_gone(cluster, _SHUTDOWN_S):
            return
    _signal(_processes_in(cluster), signal.SIGKILL)
    _all_gone(cluster, _KILL_S)


def remove_stale_pid_file(cluster: Path) -> None:
    """Removes a `postmaster.pid` whose process is gone: another program may have its number by now."""
    if not _processes_in(cluster):
        (cluster / "postmaster.pid").unlink(missing_ok=True)


def _server_pid(cluster: Path) -> int:
    """The process that `postmaster.pid` names, or 0."""
    try:
        return int((cluster / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return 0


def _signal(processes: list[psutil.Process], number: int) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(number)


def _all_gone(cluster: Path, wait_s: float) -> bool:
    # Not psutil.wait_procs, which would take the exit code of our own child.
    deadline = time.monotonic() + wait_s
    while _processes_in(cluster):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _processes_in(cluster: Path) -> list[psutil.Process]:
    """PostgreSQL changes into its data folder and stays there; no other program of that name does."""
    return [
        process
        for process in psutil.process_iter(["cwd", "exe"])
        if process.info["cwd"] == str(cluster) and Path(process.info["exe"] or "").name.startswith("postgres")
    ]
