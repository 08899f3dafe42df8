"""Children, time limits and ports."""

import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from koodtx.embedded import EmbeddedError, UnavailableError
from koodtx.embedded.addresses import base_url
from koodtx.embedded.locks import FolderLock
from koodtx.embedded.process import begin_log, free_port, is_port_free, run_bounded, spawn
from koodtx.embedded.secret_files import kept_secret, write_private

pytestmark = pytest.mark.unit


def test_a_command_that_takes_too_long_ends_with_its_children(tmp_path: Path) -> None:
    mark = tmp_path / "still-there"
    with pytest.raises(UnavailableError, match="took too long"):
        run_bounded(["sh", "-c", f"(sleep 1; touch {mark}) & sleep 5"], limit_s=0.2)
    time.sleep(1.2)
    assert not mark.exists()


def test_a_failed_command_tells_its_last_words() -> None:
    with pytest.raises(UnavailableError, match=r"sh failed: first \| second"):
        run_bounded(["sh", "-c", "echo first >&2; echo second >&2; exit 3"], limit_s=5)


def test_a_child_ends_with_its_parent(tmp_path: Path) -> None:
    program = f"""
import os, signal, sys
from pathlib import Path
from koodtx.embedded.process import spawn
child = spawn(["sleep", "60"], cwd=Path("/"), log=Path({str(tmp_path / "log")!r}))
while Path(f"/proc/{{child.pid}}/comm").read_text() != "sleep\\n":
    pass
print(child.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    if sys.platform != "linux":
        pytest.skip("only Linux tells children of their parent's death")
    parent = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    child = Path("/proc") / parent.stdout.strip()
    deadline = time.monotonic() + 5
    while child.exists() and "(zombie)" not in (child / "status").read_text() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert time.monotonic() < deadline


def test_a_program_that_is_not_there_is_named_in_the_log(tmp_path: Path) -> None:
    with spawn(["/nowhere/server"], cwd=tmp_path, log=tmp_path / "log") as process:
        assert process.wait(10) != 0
    assert "/nowhere/server" in (tmp_path / "log").read_text() or "No such file" in (tmp_path / "log").read_text()
    assert (tmp_path / "log").stat().st_mode & 0o777 == 0o600


def test_ports() -> None:
    port = free_port()
    assert is_port_free("127.0.0.1", port)
    with socket.create_server(("127.0.0.1", port)):
        assert not is_port_free("127.0.0.1", port)
    with pytest.raises(EmbeddedError, match="no address of this machine"):
        is_port_free("no-such-host.invalid", port)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", "http://127.0.0.1:5000"),
        ("0.0.0.0", "http://127.0.0.1:5000"),
        ("::", "http://[::1]:5000"),
        ("example.org", "http://example.org:5000"),
    ],
)
def test_base_url(host: str, expected: str) -> None:
    assert base_url(host, 5000) == expected


def test_a_lock_is_one_persons(tmp_path: Path) -> None:
    with FolderLock(tmp_path) as first, FolderLock(tmp_path) as second:
        assert first.take()
        assert first.take()
        assert not second.take(wait_s=0.2)
        first.release()
        assert second.take()


def test_secrets_are_kept_and_private(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    secret = kept_secret(path)
    assert len(bytes.fromhex(secret)) == 32
    assert kept_secret(path) == secret
    assert path.stat().st_mode & 0o777 == 0o600
    write_private(path, "another")
    assert kept_secret(path) == "another"


def test_a_large_log_is_put_aside(tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert begin_log(log) == 0
    log.write_bytes(b"x" * 1000)
    assert begin_log(log) == 1000
    log.write_bytes(b"x" * 10_000_000)
    assert begin_log(log) == 0
    assert (tmp_path / "log.1").exists()
