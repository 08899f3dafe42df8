"""Processes of KooDTX on the servers of a test."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

from koodtx.settings import Settings
from koodtx.worker_command import WORKER_OPTIONS


def environment(settings: Settings) -> dict[str, str]:
    """Returns the environment that gives a process these settings."""
    values = msgspec.structs.asdict(settings)
    return os.environ | {f"KOODTX_{name.upper()}": str(value) for name, value in values.items()}


class KoodtxProcess:
    """A `koodtx` command with the processes that it starts, stopped by its process id."""

    def __init__(self, settings: Settings, log: Path, *arguments: str, module: str = "koodtx") -> None:
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                env=environment(settings),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def signal(self, number: signal.Signals) -> None:
        """Sends a signal to the command and to all that it started."""
        os.killpg(self.process.pid, number)

    def kill(self) -> None:
        """Sends SIGKILL to the command and to all that it started."""
        self.signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()


class WorkerProcess(KoodtxProcess):
    """`koodtx worker`"""

    def __init__(self, settings: Settings, log: Path, *options: str) -> None:
        super().__init__(settings, log, "worker", "--workers", "1", *options)


class SlowWorkerProcess(KoodtxProcess):
    """A worker that also knows the task of tests/jobs/slow_worker.py."""

    def __init__(self, settings: Settings, log: Path, lanes: str) -> None:
        chosen = msgspec.structs.replace(settings, worker_lanes=lanes)
        words = ("worker", "tests.jobs.slow_worker:broker", "--workers", "1", *WORKER_OPTIONS)
        super().__init__(chosen, log, *words, module="taskiq")


StartWorker = Callable[[], WorkerProcess]
