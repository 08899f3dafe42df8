"""`koodtx up` as a command and as a function."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from koodtx.embedded.up import run_up
from koodtx.processes.addresses import answers_ok, free_port
from koodtx.settings import read_env_file
from tests.support.private_servers import make_data_dir
from tests.support.waiting import wait_until

pytestmark = pytest.mark.integration


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Settings of the environment that runs the tests are not used."""
    for name in [name for name in os.environ if name.startswith("KOODTX_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@contextmanager
def running_up(folder: Path, port: int) -> Iterator["subprocess.Popen[bytes]"]:
    """`koodtx up` once it is up; its output is in `folder/out`."""
    argv = [sys.executable, "-m", "koodtx", "up", "--port", str(port), "--data-dir", str(folder / "data")]
    with (folder / "out").open("wb") as output, subprocess.Popen(argv, stdout=output, stderr=output) as up:
        try:
            wait_until(lambda: up.poll() is not None or "Ctrl-C" in (folder / "out").read_text(), 60)
            assert up.poll() is None, (folder / "out").read_text()
            yield up
        finally:
            up.send_signal(signal.SIGTERM)
            up.wait(60)
            for name in ("postgres", "redis"):
                # For root these are links to /var/lib/koodtx.
                shutil.rmtree((folder / "data" / name).resolve(), ignore_errors=True)


def children_of(process: "subprocess.Popen[bytes]") -> set[int]:
    tasks = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return {int(word) for word in tasks.read_text().split()}


@pytest.mark.faults
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_it_restarts_all_its_parts_and_stops_at_ctrl_c(folder: Path) -> None:
    port = free_port()
    health = f"http://127.0.0.1:{port}/health"
    with running_up(folder, port) as up:
        env = read_env_file(folder / "data/env")
        first = children_of(up)
        assert len(first) == 7  # PostgreSQL, Redis, API, two workers, scheduler, scorer
        for child in first:
            os.kill(child, signal.SIGKILL)
        # The API may answer before `up` has noticed and printed it.
        wait_until(lambda: (folder / "out").read_text().count("ready again in") == 7 and answers_ok(health), 60)
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
    assert said.endswith("Stopped. The data are kept.\n")
    # Others may read what a shell redirected; the superuser's password is in a file of mode 0600.
    assert "KOODTX_MIGRATION_DATABASE_URL in " in said
    password = conninfo_to_dict(env["KOODTX_MIGRATION_DATABASE_URL"])["password"]
    assert password
    logs = list((folder / "data").rglob("*.log"))
    assert logs
    assert not [path for path in (folder / "out", *logs) if str(password) in path.read_text()]
    secrets = [path for path in (folder / "data").iterdir() if path.is_file() and path.name != "postgres.kind"]
    assert {path.stat().st_mode & 0o777 for path in secrets} == {0o600}


def test_after_ready_decides_how_it_ends(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    data_dir = make_data_dir(folder)
    port = free_port()
    seen: list[str] = []

    def visit(base_url: str) -> int:
        seen.append(base_url)
        # While this one runs, a second one fails with one line.
        assert run_second() == 1
        return 7

    def run_second() -> int:
        argv = [sys.executable, "-m", "koodtx", "up", "--data-dir", str(data_dir)]
        return subprocess.run(argv, check=False).returncode

    assert run_up("127.0.0.1", port, data_dir, 1, "wheel", visit) == 7
    assert seen == [f"http://127.0.0.1:{port}"]
    assert "Another `koodtx up` runs" in capfd.readouterr().out

    def fail(base_url: str) -> int:
        raise ZeroDivisionError(base_url)

    with pytest.raises(ZeroDivisionError):
        run_up("127.0.0.1", port, data_dir, 1, None, fail)
    assert "PostgreSQL 18" in capfd.readouterr().out, "the kind that created the data is used again"


def test_taken_port_is_reported_before_anything_starts(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert run_up("127.0.0.1", port, folder / "data", 1, None) == 1
    assert f"Port {port} on 127.0.0.1 is taken" in capsys.readouterr().out
    assert [path.name for path in (folder / "data").iterdir()] == ["lock"]


def test_database_that_does_not_answer_is_reported(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KOODTX_DATABASE_URL", "postgresql://koodtx@127.0.0.1:9/koodtx")
    assert run_up("127.0.0.1", free_port(), make_data_dir(folder), 1, None) == 1
    said = capsys.readouterr().out
    assert "The migration failed" in said
    assert "port 9 failed" in said
