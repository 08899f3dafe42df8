"""Child processes that end with their parent, and commands with a time limit."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from koodtx.processes.errors import ProcessFailed
from koodtx.processes.logs import last_lines, open_private
from koodtx.processes.server_user import ServerUser

_LAUNCH = Path(__file__).with_name("launch.py")
_KILL_WAIT_S = 10.0
_STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

# A server needs nothing of our environment, in which PGPORT or LD_LIBRARY_PATH could confuse it.
_PLAIN_ENV = {"PATH": os.defpath, "LC_ALL": "C"}


def spawn(
    argv: Sequence[str | Path],
    *,
    cwd: Path,
    log: Path,
    user: ServerUser | None = None,
    env: Mapping[str, str] | None = None,
    death_signal: int = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Starts `argv` in a session of its own and appends its output to `log`.

    `env` is its whole environment; None: a minimal one, which is what servers get. Ctrl-C at the terminal does not
    reach it: the caller stops its children, in the right order. On Linux it gets `death_signal` when the thread that
    called this function ends, in whatever way. If a signal handler raises meanwhile, it is ended.
    """
    options = {
        "parent": os.getpid(),
        "user": (user.uid, user.gid) if user else None,
        "death_signal": int(death_signal),
        "env": _PLAIN_ENV if env is None else None,
    }
    process = None
    try:
        with _stops_held(), open(log, "ab", opener=open_private) as output:
            process = subprocess.Popen(
                [sys.executable, "-I", "-S", _LAUNCH, json.dumps(options), *(str(part) for part in argv)],
                cwd=cwd,
                env=None if env is None else dict(env),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
    except BaseException:
        if process is not None:
            end(process)
        raise
    return process


@contextmanager
def _stops_held() -> Iterator[None]:
    """Holds Ctrl-C and SIGTERM until the end of the block, so that a process that runs is known to its caller.

    A signal mask would not do: it is one thread's, and a signal that another thread gets is handled by the main one.
    """
    held: dict[int, FrameType | None] = {}
    before = _handlers()
    try:
        for number in before:
            signal.signal(number, held.__setitem__)
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for number, frame in held.items():
            before[number](number, frame)


def _handlers() -> dict[int, Callable[[int, FrameType | None], Any]]:
    """The handlers of these signals that are Python functions. They run in the main thread only."""
    if threading.current_thread() is not threading.main_thread():
        return {}
    found = {int(number): signal.getsignal(number) for number in _STOPS}
    return {number: handler for number, handler in found.items() if callable(handler)}


def run_bounded(
    argv: Sequence[str | Path], *, limit_s: float, cwd: Path = Path("/"), user: ServerUser | None = None
) -> str:
    """What `argv` prints. Raises ProcessFailed with its last lines if it fails or takes longer than `limit_s`.

    Its whole process group ends with it, so that no helper of a killed command survives.
    """
    command = [str(part) for part in argv]
    name = Path(command[0]).name
    with subprocess.Popen(
        command,
        cwd=cwd,
        env=dict(os.environ) | {"LC_ALL": "C"} if user is None else _PLAIN_ENV,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
        umask=0o022,
        user=user.uid if user else None,
        group=user.gid if user else None,
        extra_groups=[] if user else None,
    ) as process:
        try:
            output, errors = process.communicate(timeout=max(limit_s, 0))
        except BaseException as error:
            kill_group(process)
            if isinstance(error, subprocess.TimeoutExpired):
                raise ProcessFailed(f"{name} took too long") from error
            raise
    if process.returncode != 0:
        raise ProcessFailed(f"{name} failed: {last_lines(errors or output)}")
    return output


def kill_group(process: subprocess.Popen[bytes] | subprocess.Popen[str]) -> None:
    """Kills what is left of the process group that `process` leads, itself included."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def end(process: subprocess.Popen[bytes], *steps: tuple[int, float]) -> None:
    """Sends each signal in turn and waits its seconds, until the process has ended; finally kills it."""
    for number, wait_s in (*steps, (signal.SIGKILL, _KILL_WAIT_S)):
        if process.poll() is not None:
            return
        process.send_signal(number)
        try:
            process.wait(wait_s)
        except subprocess.TimeoutExpired:
            continue
