"""Real processes of ours on the test's servers."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

from koodtx.settings import Settings


def environment(settings: Settings) -> dict[str, str]:
    """The settings as a process is given them."""
    values = msgspec.structs.asdict(settings)
    return os.environ | {f"KOODTX_{name.upper()}": str(value) for name, value in values.items()}


class KoodtxProcess:
    """A command of ours with the processes that it starts, stopped by its process id."""

    def __init__(self, settings: Settings, log: Path, *arguments: str) -> None:
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "koodtx", *arguments],
                env=environment(settings),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def signal(self, number: signal.Signals) -> None:
        """To the command and to what it started."""
        os.killpg(self.process.pid, number)

    def kill(self) -> None:
        """kill -9 of the command and of what it started."""
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

    def __init__(self, settings: Settings, log: Path) -> None:
        super().__init__(settings, log, "worker", "--workers", "1")


StartWorker = Callable[[], WorkerProcess]
