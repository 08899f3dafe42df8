"""What the README tells people to paste, pasted."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from koodtx.settings import Settings
from tests.docs.pages import blocks, headings, read
from tests.docs.shell import paste
from tests.support.processes import environment
from tests.support.settings import PASSWORD
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.integration, pytest.mark.smoke]

_MARK = "next block"


@pytest.mark.usefixtures("worker")
def test_the_curl_examples_work_as_written(url: str) -> None:
    register, log_in, push, pull, analyse = (text for language, text in blocks(read("README.md")) if "curl" in text)

    outputs = _paste(url, [register, log_in, push, push, pull, analyse, analyse])
    registered, logged_in, pushed, again, pulled, analysed, reused = outputs

    assert json.loads(registered)["user"]["username"] == "mina"
    assert not logged_in.strip()
    counts = json.loads(pushed)
    assert (counts["inserted"], counts["total_records"]) == (2, 2)
    assert json.loads(again) == counts | {"replayed": True}
    sent = json.loads(push[push.index("-d '") + 4 : push.rindex("'")])
    assert json.loads(pulled)["sessions"][0]["sensor_data"] == sent["sensor_data"]
    told, answer = analysed.strip().rsplit("\n", 1)
    assert '"type":"connected"' in told
    assert '"type":"completed"' in told
    assert json.loads(answer)["result"]["record_count"] == 2
    assert json.loads(reused.strip().rsplit("\n", 1)[1]) == json.loads(answer)


@pytest.mark.tasks
@pytest.mark.parametrize("column", [0, 1], ids=["koodtx", "taskiq"])
def test_the_commands_of_worker_and_scheduler_work_as_written(
    url: str, settings: Settings, tmp_path: Path, column: int
) -> None:
    lines = re.findall(r"^(koodtx (?:worker|scheduler).*?) +# (taskiq .*)$", read("README.md"), re.MULTILINE)
    worker, scheduler = (line[column] for line in lines)
    logs = [tmp_path / "worker.log", tmp_path / "scheduler.log"]
    with _running(worker, settings, logs[0]), _running(scheduler, settings, logs[1]) as schedules:
        account = {"username": "mina", "email": "mina@example.org", "password": PASSWORD}
        token = httpx.post(f"{url}/api/auth/register", json=account).json()["access_token"]
        analysis, headers = f"{url}/api/v1/analysis", {"Authorization": f"Bearer {token}"}
        job = httpx.post(analysis, json={"kind": "generate_statistics"}, headers=headers).json()["job_id"]
        wait_until(lambda: httpx.get(f"{analysis}/{job}", headers=headers).json()["status"] == "completed", limit_s=60)
        wait_until(lambda: "Starting scheduler" in logs[1].read_text(), limit_s=60)
        assert schedules.poll() is None


@pytest.mark.long
def test_the_commands_in_its_sentences_work_as_written(
    settings: Settings, recording_session: Any, tmp_path: Path
) -> None:
    commands = _spoken(read("README.md"))
    named = {command.split()[1] for command in commands}
    assert named >= {"retention", "schedules", "maintenance", "backup", "restore", "jobs", "migrate"}

    done = paste("\n".join(commands), settings, tmp_path)

    assert done.returncode == 0, done.stderr
    assert "cleanup-old-data" in done.stdout
    assert (tmp_path / "koodtx.dump").stat().st_size > 0


def test_the_readme_is_short() -> None:
    assert len(read("README.md").splitlines()) <= 150


def test_the_korean_readme_has_the_same_parts_and_examples() -> None:
    english, korean = read("README.md"), read("README.ko.md")

    assert blocks(korean) == blocks(english)
    assert _spoken(korean) == _spoken(english)
    assert [heading.split()[0] for heading in headings(korean)] == [heading.split()[0] for heading in headings(english)]


def _spoken(text: str) -> list[str]:
    """Commands amid sentences, in their order."""
    return re.findall(r"`(koodtx [^`]+)`", text)


def _paste(url: str, texts: list[str]) -> list[str]:
    """What each text prints, in one shell; only the server's address is another."""
    script = f"echo '{_MARK}'\n".join(text.replace("localhost:5000", url.removeprefix("http://")) for text in texts)
    shell = subprocess.run(["bash", "-eu"], input=script, capture_output=True, text=True, timeout=60, check=True)
    return shell.stdout.split(_MARK)


@contextmanager
def _running(command: str, settings: Settings, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A command of the environment that runs the tests, until it is stopped; with all that it starts."""
    env = environment(settings) | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    env["KOODTX_LOG_LEVEL"] = "info"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command.split(), env=env, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
