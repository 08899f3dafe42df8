"""Starts parts in order, restarts those that die, and stops all in reverse order."""

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn, Protocol

from koodtx.processes.console import Progress
from koodtx.processes.errors import ProcessFailed

_CHECK_EVERY_S = 0.2
_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 30.0
_HEALTHY_AFTER_S = 10


class Part(Protocol):
    """Something with a process. `start` returns when it is ready and uses the same port when it is called again."""

    name: str
    title: str
    process: subprocess.Popen[bytes] | None

    def start(self) -> None: ...

    def stop(self) -> None: ...


class StopRequested(BaseException):
    """Ctrl-C or SIGTERM. Not an Exception, so that no handler takes it for a failure."""


class _Restarts:
    """How long to wait before a part is restarted: longer each time, until it has run for a while."""

    def __init__(self) -> None:
        self.pause_s = 0.0
        self.next_at = 0.0
        self._started_at = time.monotonic()

    def note_death(self) -> None:
        now = time.monotonic()
        was_healthy = now - self._started_at > _HEALTHY_AFTER_S
        self.pause_s = _FIRST_PAUSE_S if was_healthy or not self.pause_s else min(self.pause_s * 2, _LONGEST_PAUSE_S)
        self.next_at = now + self.pause_s

    def note_start(self) -> None:
        self._started_at = time.monotonic()
        self.next_at = 0.0


class Supervisor:
    """Starts, watches and stops parts. Use it from one thread: the parts end with the thread that started them."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._parts: dict[str, Part] = {}
        self._restarts: dict[str, _Restarts] = {}

    def start(self, part: Part) -> None:
        """Starts a part and watches it from now on. Raises ProcessFailed if it does not start."""
        # Registered before it runs, so that a part whose start is interrupted is stopped too.
        self._parts[part.name] = part
        with self._progress.step(f"Starting {part.name}", part.title):
            part.start()
        self._restarts[part.name] = _Restarts()

    def watch(self, until: Callable[[], bool]) -> None:
        """Restarts what dies until `until` returns True. Ctrl-C raises StopRequested."""
        while not until():
            for part in self._parts.values():
                self._check(part, self._restarts[part.name])
            time.sleep(_CHECK_EVERY_S)

    def stop(self) -> None:
        """Stops every part, the last one first. A part that cannot be stopped does not keep the others running."""
        for part in reversed(self._parts.values()):
            try:
                part.stop()
            except (ProcessFailed, OSError) as error:
                self._progress.complain(f"{part.name} could not be stopped: {error}")
        self._parts.clear()

    def _check(self, part: Part, restarts: _Restarts) -> None:
        if part.process is None or part.process.poll() is None:
            return
        if restarts.next_at == 0:
            restarts.note_death()
            self._progress.say(f"{part.name} ended ({_how(part.process.returncode)}); restarting it")
        elif time.monotonic() >= restarts.next_at:
            self._restart(part, restarts)

    def _restart(self, part: Part, restarts: _Restarts) -> None:
        try:
            with self._progress.step(f"Starting {part.name}", part.title, "ready again"):
                part.start()
        except (ProcessFailed, OSError) as error:
            restarts.note_death()
            self._progress.complain(f"{error}; next try in {restarts.pause_s:.1f} s")
        else:
            restarts.note_start()


def _how(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    return f"killed by {signal.Signals(-code).name}"


@contextmanager
def stop_on_signals() -> Iterator[None]:
    """Ctrl-C, SIGTERM and a closed terminal raise StopRequested, once; during the stop, further ones are ignored.

    A signal that was ignored before stays ignored, as nohup requires.
    """
    numbers = [number for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP) if not _is_ignored(number)]

    def request_stop(_number: int, _frame: FrameType | None) -> NoReturn:
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)
        raise StopRequested

    before = {number: signal.signal(number, request_stop) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _is_ignored(number: int) -> bool:
    return signal.getsignal(number) is signal.SIG_IGN
