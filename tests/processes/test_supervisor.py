"""Parts that die, parts that do not start, and the order of stopping."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from koodtx.processes.addresses import answers_ok, free_port
from koodtx.processes.console import Progress
from koodtx.processes.errors import ProcessFailed
from koodtx.processes.service import Service, run_to_end
from koodtx.processes.supervisor import StopRequested, Supervisor, stop_on_signals

pytestmark = pytest.mark.integration


def make_service(folder: Path, name: str, port: int) -> Service:
    """Python's web server."""
    argv = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", str(folder)]
    url = f"http://127.0.0.1:{port}/"
    return Service(name, name, argv, env={}, log=folder / f"{name}.log", is_ready=lambda: answers_ok(url))


def within(seconds: float, condition: Callable[[], bool]) -> Callable[[], bool]:
    """`condition`, but an error if it takes too long."""
    deadline = time.monotonic() + seconds

    def check() -> bool:
        assert time.monotonic() < deadline
        return condition()

    return check


def test_killed_part_is_restarted_on_its_port(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    port = free_port()
    service = make_service(folder, "files", port)
    supervisor = Supervisor(Progress())
    supervisor.start(service)
    try:
        assert service.process is not None
        first = service.process
        first.kill()
        is_back = within(10, lambda: service.process is not first and answers_ok(f"http://127.0.0.1:{port}/"))
        supervisor.watch(until=is_back)
    finally:
        supervisor.stop()
    assert not answers_ok(f"http://127.0.0.1:{port}/")
    said = capsys.readouterr().out
    assert "files  ready in" in said
    assert "files ended (killed by SIGKILL); restarting it" in said
    assert "files  ready again in" in said


def test_pauses_grow_while_a_part_does_not_start(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    service = make_service(folder, "files", free_port())
    supervisor = Supervisor(Progress())
    supervisor.start(service)
    assert service.process is not None
    service.process.kill()
    # A folder blocks its log file, and is removed after the first failure.
    log = folder / "files.log"
    log.unlink()
    log.mkdir()
    said = ""

    def is_back() -> bool:
        nonlocal said
        said += capsys.readouterr().out
        if "next try in 1.0 s" in said and log.is_dir():
            log.rmdir()
        return "ready again" in said

    try:
        supervisor.watch(until=within(15, is_back))
    finally:
        supervisor.stop()
    assert "next try in 2.0 s" not in said


def test_part_that_does_not_start_reports_why(folder: Path) -> None:
    argv = [sys.executable, "-c", "raise SystemExit('no database')"]
    service = Service("API", "API", argv, env={}, log=folder / "log", is_ready=lambda: False)
    with pytest.raises(ProcessFailed, match="API does not start: no database"):
        Supervisor(Progress()).start(service)


def test_failed_command_reports_all_its_output(folder: Path) -> None:
    argv = [sys.executable, "-c", "raise SystemExit('run this:\\n    create extension x;')"]
    with pytest.raises(ProcessFailed, match=r"Migration failed:\nrun this:\n    create extension x;"):
        run_to_end("Migration", argv, env={}, log=folder / "log")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_stop_once_and_handlers_come_back(number: signal.Signals) -> None:
    # Under nohup, SIGHUP is ignored from the start and must stay ignored.
    inherited = signal.signal(number, signal.default_int_handler)
    try:
        with pytest.raises(StopRequested):
            _get_signal_twice(number)
        assert signal.getsignal(number) is signal.default_int_handler
    finally:
        signal.signal(number, inherited)


def _get_signal_twice(number: signal.Signals) -> None:
    with stop_on_signals():
        try:
            os.kill(os.getpid(), number)
            time.sleep(5)
        finally:
            # A second Ctrl-C does not interrupt the stop.
            os.kill(os.getpid(), number)


def test_stop_is_in_reverse_order(folder: Path) -> None:
    ended: list[str] = []
    supervisor = Supervisor(Progress())
    for name in ("first", "second"):
        service = make_service(folder, name, free_port())
        supervisor.start(service)
        assert service.process is not None
        threading.Thread(target=_note_end, args=[service, ended]).start()
    supervisor.stop()
    time.sleep(0.2)
    assert ended == ["second", "first"]


def _note_end(service: Service, ended: list[str]) -> None:
    assert service.process is not None
    service.process.wait()
    ended.append(service.name)
