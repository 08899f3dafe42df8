"""docs/practice.md, section "Takes": its commands are run in their order, against a service, as written."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.docs.pages import blocks, read
from tests.support.takes import REFERENCE, TAKE, add_line, store_audio
from tests.takes.analysis_server import SCORES
from tests.takes.service import Service

pytestmark = [pytest.mark.integration, pytest.mark.api]


def test_every_command_succeeds(service: Service, tmp_path: Path) -> None:
    section = read("docs/practice.md").partition("\n## Takes\n")[2].partition("\n## ")[0]
    commands = [line for language, text in blocks(section) if language == "sh" for line in text.splitlines()]
    (tmp_path / "take.wav").write_bytes(TAKE)
    line_id = add_line(service.db, "seven", store_audio(service.settings, REFERENCE, "reference"))
    given = {"URL": str(service.client.base_url).rstrip("/"), "TOKEN_ID": str(line_id)}
    given |= {"AUTH": f"Authorization: {service.headers['Authorization']}", "PATH": "/usr/bin:/bin"}

    def run(command: str) -> str:
        failing = command.replace("curl -s", "curl --fail-with-body -s", 1)
        done = subprocess.run(
            ["bash", "-euc", failing], cwd=tmp_path, env=given, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        return done.stdout

    upload, progress, result = commands
    given["JOB_ID"] = json.loads(run(upload))["job_id"]
    assert '"type":"completed"' in run(progress)
    found = json.loads(run(result))
    assert found | SCORES | {"status": "completed", "overall_score": 74.0} == found
