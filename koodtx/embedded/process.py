"""Child processes that end with us, commands with a time limit, and free ports."""

import errno
import json
import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from koodtx.embedded import EmbeddedError, UnavailableError
from koodtx.embedded.account import Account

_LAUNCH = Path(__file__).with_name("launch.py")

# Below the ports that systems give to outgoing connections, so that a server which died finds its own port free.
_PORTS = range(20000, 32000)

_LOG_LIMIT_BYTES = 10_000_000

# A server needs nothing of our environment, where PGPORT or LD_LIBRARY_PATH could confuse it.
PLAIN_ENV = {"PATH": os.defpath, "LC_ALL": "C"}


def spawn(
    argv: Sequence[str | Path],
    *,
    cwd: Path,
    log: Path,
    account: Account | None = None,
    env: Mapping[str, str] | None = None,
    death_signal: int = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start `argv` in a session of its own, its output appended to `log`.

    `env` is its whole environment; None: a bare one, which is what servers get. Ctrl-C at the terminal does not
    reach it: whoever started it stops it, in the right order. On Linux it gets `death_signal` when the thread that
    called this ends in whatever way.
    """
    wishes = {
        "parent": os.getpid(),
        "account": (account.uid, account.gid) if account else None,
        "death_signal": int(death_signal),
        "env": PLAIN_ENV if env is None else None,
    }
    with open(log, "ab", opener=_private) as output:
        return subprocess.Popen(
            [sys.executable, "-I", "-S", _LAUNCH, json.dumps(wishes), *(str(part) for part in argv)],
            cwd=cwd,
            env=None if env is None else dict(env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _private(path: str, flags: int) -> int:
    """Logs may name people's addresses."""
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)


def run_bounded(
    argv: Sequence[str | Path], *, limit_s: float, cwd: Path = Path("/"), account: Account | None = None
) -> str:
    """What `argv` prints. Raises UnavailableError with its last words when it fails or takes longer than `limit_s`.

    Its whole process group ends with it, so that no helper of a killed command lives on.
    """
    command = [str(part) for part in argv]
    with subprocess.Popen(
        command,
        cwd=cwd,
        env=dict(os.environ) | {"LC_ALL": "C"} if account is None else PLAIN_ENV,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
        umask=0o022,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    ) as process:
        try:
            output, errors = process.communicate(timeout=max(limit_s, 0))
        except BaseException as error:
            kill_group(process)
            if isinstance(error, subprocess.TimeoutExpired):
                raise UnavailableError(f"{Path(command[0]).name} took too long") from error
            raise
    if process.returncode != 0:
        raise UnavailableError(f"{Path(command[0]).name} failed: {last_words(errors or output)}")
    return output


def kill_group(process: subprocess.Popen[bytes] | subprocess.Popen[str]) -> None:
    """Kill whatever is left of the process group that `process` leads, itself included."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def end(process: subprocess.Popen[bytes], *steps: tuple[int, float]) -> None:
    """Send each signal in turn and wait its seconds, until the process has ended; at last kill it."""
    for number, wait_s in (*steps, (signal.SIGKILL, 10.0)):
        if process.poll() is not None:
            return
        process.send_signal(number)
        try:
            process.wait(wait_s)
        except subprocess.TimeoutExpired:
            continue


def begin_log(log: Path) -> int:
    """Where what is logged from now on begins. A log that has grown large is put aside first."""
    if not log.exists():
        return 0
    size = log.stat().st_size
    if size < _LOG_LIMIT_BYTES:
        return size
    log.replace(log.with_name(log.name + ".1"))
    return 0


def last_words_of(log: Path, start: int = 0) -> str:
    """The last lines of a log, of what was written after `start`."""
    return last_words(log.read_bytes()[start:].decode(errors="replace"))


def last_words(text: str, lines: int = 4) -> str:
    """The last lines that say anything, as one line."""
    said = [line.strip() for line in text.splitlines() if line.strip()]
    return " | ".join(said[-lines:]) or "(it said nothing)"


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on just now."""
    for port in random.sample(_PORTS, 200):
        if is_port_free("127.0.0.1", port):
            return port
    raise EmbeddedError("No free port between 20000 and 32000 on 127.0.0.1: stop some servers.")


def is_port_free(host: str, port: int) -> bool:
    """Whether a server could listen there now. Raises EmbeddedError when `host` is no address of this machine."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror as error:
        raise EmbeddedError(f"{host} is no address of this machine: try --host 127.0.0.1") from error
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            return _refused(error, host)
    return True


def _refused(error: OSError, host: str) -> bool:
    if isinstance(error, PermissionError):
        raise EmbeddedError("Ports below 1024 are for root: choose another with --port.") from error
    if error.errno != errno.EADDRINUSE:
        raise EmbeddedError(f"Cannot listen on {host}: {error.strerror}") from error
    return False
