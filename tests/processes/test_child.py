"""Child processes and time limits."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from koodtx.processes.child import run_bounded, spawn
from koodtx.processes.errors import ProcessFailed

pytestmark = pytest.mark.unit


def test_command_that_takes_too_long_ends_with_its_children(tmp_path: Path) -> None:
    mark = tmp_path / "still-there"
    with pytest.raises(ProcessFailed, match="took too long"):
        run_bounded(["sh", "-c", f"(sleep 1; touch {mark}) & sleep 5"], limit_s=0.2)
    time.sleep(1.2)
    assert not mark.exists()


def test_failed_command_reports_its_last_lines() -> None:
    with pytest.raises(ProcessFailed, match=r"sh failed: first \| second"):
        run_bounded(["sh", "-c", "echo first >&2; echo second >&2; exit 3"], limit_s=5)


def test_child_ends_with_its_parent(tmp_path: Path) -> None:
    program = f"""
import os, signal, sys
from pathlib import Path
from koodtx.processes.child import spawn
child = spawn(["sleep", "60"], cwd=Path("/"), log=Path({str(tmp_path / "log")!r}))
while Path(f"/proc/{{child.pid}}/comm").read_text() != "sleep\\n":
    pass
print(child.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    if sys.platform != "linux":
        pytest.skip("only Linux signals children when their parent dies")
    parent = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    child = Path("/proc") / parent.stdout.strip()
    deadline = time.monotonic() + 5
    while child.exists() and "(zombie)" not in (child / "status").read_text() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert time.monotonic() < deadline


def test_missing_program_is_named_in_the_log(tmp_path: Path) -> None:
    with spawn(["/nowhere/server"], cwd=tmp_path, log=tmp_path / "log") as process:
        assert process.wait(10) != 0
    assert "/nowhere/server" in (tmp_path / "log").read_text() or "No such file" in (tmp_path / "log").read_text()
    assert (tmp_path / "log").stat().st_mode & 0o777 == 0o600


# Is stopped 40 times, each time a bit later, while it starts a process; prints how often, and what then still runs.
_STOPPED = """
import os, signal, sys, threading, time
from pathlib import Path
import psutil
from koodtx.processes.child import spawn
from koodtx.processes.supervisor import StopRequested, stop_on_signals

def stop():
    os.kill(os.getpid(), signal.SIGTERM)

signal.signal(signal.SIGALRM, lambda *_: stop())
stops, left = 0, []
for number in range(40):
    process = None
    try:
        with stop_on_signals():
            after_s = (number + 1) / 10_000
            if sys.argv[2] == "thread":
                threading.Timer(after_s, stop).start()
            else:
                signal.setitimer(signal.ITIMER_REAL, after_s)
            process = spawn(["sleep", "600"], cwd=Path("/"), log=Path(sys.argv[1]))
            time.sleep(10)
    except StopRequested:
        stops += 1
    if process is not None:
        process.kill()
        process.wait()
    left += [child for child in psutil.Process().children() if child.status() != psutil.STATUS_ZOMBIE]
for child in left:
    child.kill()
print(stops, len(left))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")
@pytest.mark.parametrize("receiver", ["alarm", "thread"])
def test_stop_while_a_process_is_started_leaves_none(tmp_path: Path, receiver: str) -> None:
    """Also when it runs already and its caller does not know it yet, and when another thread gets the signal."""
    argv = [sys.executable, "-c", _STOPPED, str(tmp_path / "log"), receiver]
    assert subprocess.run(argv, capture_output=True, text=True, timeout=60).stdout.split() == ["40", "0"]
