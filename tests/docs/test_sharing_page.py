"""docs/sharing.md: its commands are run in their order, against a service, as written."""

import json
import subprocess
from typing import Any

import httpx
import pytest

from tests.docs.pages import blocks, read
from tests.sharing.people import Person
from tests.support.requests import register

pytestmark = [pytest.mark.api, pytest.mark.integration]


def test_every_command_succeeds(url: str) -> None:
    with httpx.Client(base_url=url, timeout=30) as http:
        mina, joon = (Person(http, register(http, name)) for name in ("mina", "joon"))
        mina.record()
        env = {
            "URL": url,
            "LEAD": f"Authorization: Bearer {mina.token}",
            "MEMBER": f"Authorization: Bearer {joon.token}",
            "JOB": mina.analyse(),
        }
    commands = [
        line for language, text in blocks(read("docs/sharing.md")) if language == "sh" for line in text.splitlines()
    ]
    assert len(commands) == 13
    for command in commands:
        reply = run(command, env)
        env |= {name: reply[field] for name, field in _KEPT.items() if reply and field in reply}
    assert set(_KEPT) <= set(env)


_KEPT = {"TEAM": "team_id", "SHARE": "share_id", "CURSOR": "cursor"}


def run(command: str, env: dict[str, str]) -> Any:
    """The reply to a command, whose status must be one of success."""
    done = subprocess.run(
        ["bash", "-eu", "-c", command.replace("curl -s", "curl --fail-with-body -sS")],
        env={"PATH": "/usr/bin:/bin"} | env, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, (command, done.stdout, done.stderr)
    return json.loads(done.stdout) if done.stdout else None
