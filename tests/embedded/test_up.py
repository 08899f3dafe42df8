"""`koodtx up` as a person runs it."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from koodtx.embedded.addresses import answers_ok
from koodtx.embedded.process import free_port
from koodtx.embedded.up import run_up
from koodtx.settings import read_env_file
from tests.support.waiting import wait_until

pytestmark = pytest.mark.integration


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The settings of whoever runs the tests are not those of this trial."""
    for name in [name for name in os.environ if name.startswith("KOODTX_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@contextmanager
def running_up(folder: Path, port: int) -> Iterator["subprocess.Popen[bytes]"]:
    """`koodtx up` once it says that it is up; its output is in `folder/out`."""
    argv = [sys.executable, "-m", "koodtx", "up", "--port", str(port), "--data-dir", str(folder / "data")]
    with (folder / "out").open("wb") as output, subprocess.Popen(argv, stdout=output, stderr=output) as up:
        try:
            wait_until(lambda: up.poll() is not None or "Ctrl-C" in (folder / "out").read_text(), 60)
            assert up.poll() is None, (folder / "out").read_text()
            yield up
        finally:
            up.send_signal(signal.SIGTERM)


def children_of(process: "subprocess.Popen[bytes]") -> set[int]:
    tasks = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return {int(word) for word in tasks.read_text().split()}


@pytest.mark.faults
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_it_survives_the_death_of_all_it_started_and_stops_at_ctrl_c(folder: Path) -> None:
    port = free_port()
    health = f"http://127.0.0.1:{port}/health"
    with running_up(folder, port) as up:
        env = read_env_file(folder / "data/env")
        first = children_of(up)
        assert len(first) == 5  # PostgreSQL, Redis, API, worker, scheduler
        for child in first:
            os.kill(child, signal.SIGKILL)
        # The API may answer before `up` has seen it and said so.
        wait_until(lambda: (folder / "out").read_text().count("ready again in") == 5 and answers_ok(health), 60)
        assert not first & children_of(up)
        with psycopg.connect(env["KOODTX_DATABASE_URL"]) as connection:
            assert connection.execute("select current_user").fetchone() == ("koodtx_app",)
        assert read_env_file(folder / "data/env") == env
        last = children_of(up)
        up.send_signal(signal.SIGINT)
        assert up.wait(30) == 0
    assert not any(Path(f"/proc/{child}").exists() for child in last)
    assert not answers_ok(health)
    assert not (folder / "data/env").exists()
    said = (folder / "out").read_text()
    assert said.endswith("Stopped. The data stay where they are.\n")
    secrets = [path for path in (folder / "data").iterdir() if path.is_file() and path.name != "postgres.kind"]
    assert {path.stat().st_mode & 0o777 for path in secrets} == {0o600}


def test_its_guest_decides_how_it_ends(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    port = free_port()
    seen: list[str] = []

    def visit(base_url: str) -> int:
        seen.append(base_url)
        # A second one is refused while this one runs, in one line.
        assert run_second() == 1
        return 7

    def run_second() -> int:
        argv = [sys.executable, "-m", "koodtx", "up", "--data-dir", str(folder / "data")]
        return subprocess.run(argv, check=False).returncode

    assert run_up("127.0.0.1", port, folder / "data", 1, "wheel", visit) == 7
    assert seen == [f"http://127.0.0.1:{port}"]
    assert "Another `koodtx up` runs" in capfd.readouterr().out

    def fail(base_url: str) -> int:
        raise ZeroDivisionError(base_url)

    with pytest.raises(ZeroDivisionError):
        run_up("127.0.0.1", port, folder / "data", 1, None, fail)
    assert "PostgreSQL 18" in capfd.readouterr().out, "the kind that made the data serves them again"


def test_a_taken_port_is_told_before_anything_starts(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert run_up("127.0.0.1", port, folder / "data", 1, None) == 1
    assert f"Port {port} on 127.0.0.1 is taken" in capsys.readouterr().out
    assert [path.name for path in (folder / "data").iterdir()] == ["lock"]


def test_a_database_that_does_not_answer_is_told(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KOODTX_DATABASE_URL", "postgresql://koodtx@127.0.0.1:9/koodtx")
    assert run_up("127.0.0.1", free_port(), folder / "data", 1, None) == 1
    said = capsys.readouterr().out
    assert "The migration failed" in said
    assert "port 9 failed" in said
