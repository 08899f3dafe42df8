"""A KooDTX command as a supervised part, and one that is run to its end."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from koodtx.processes.child import end, kill_group, spawn
from koodtx.processes.errors import ProcessFailed
from koodtx.processes.logs import begin_log, last_lines_of

_STOP_WAIT_S = 20


class Service:
    """A long-running command, ready when `is_ready` returns True; its output goes to the file `log`."""

    def __init__(
        self,
        name: str,
        title: str,
        argv: Sequence[str],
        *,
        env: Mapping[str, str],
        log: Path,
        is_ready: Callable[[], bool],
        limit_s: float = 60,
    ) -> None:
        self.name = name
        self.title = title
        self.process: subprocess.Popen[bytes] | None = None
        self._argv = argv
        self._env = env
        self._log = log
        self._is_ready = is_ready
        self._limit_s = limit_s

    def start(self) -> None:
        """Starts or restarts it and waits until it is ready. Raises ProcessFailed with its last lines."""
        if self.process is not None:
            # Worker processes of a killed command still hold its port.
            self._end(self.process)
        log_start = begin_log(self._log)
        self.process = process = spawn(self._argv, cwd=Path.cwd(), log=self._log, env={**os.environ, **self._env})
        deadline = time.monotonic() + self._limit_s
        while process.poll() is None and time.monotonic() < deadline:
            if self._is_ready():
                return
            time.sleep(0.05)
        self._end(process)
        raise ProcessFailed(f"{self.name} does not start: {last_lines_of(self._log, log_start)} (log: {self._log})")

    def stop(self) -> None:
        """SIGTERM, time to finish the current work, then SIGKILL."""
        if self.process is not None:
            self._end(self.process)

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        end(process, (signal.SIGTERM, _STOP_WAIT_S))
        kill_group(process)


def run_to_end(name: str, argv: Sequence[str], *, env: Mapping[str, str], log: Path) -> None:
    """Runs a command until it has ended. Raises ProcessFailed with its last lines if it fails."""
    log.unlink(missing_ok=True)
    process = spawn(argv, cwd=Path.cwd(), log=log, env={**os.environ, **env})
    try:
        code = process.wait()
    except BaseException:
        kill_group(process)
        raise
    if code != 0:
        raise ProcessFailed(f"{name} failed:\n{_tail(log)}")


def _tail(log: Path, lines: int = 20) -> str:
    """Unchanged: it may contain statements to run."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
