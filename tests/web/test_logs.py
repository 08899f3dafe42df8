"""What the logs say, and what they never say."""

import json
from typing import Any

import msgspec
import pytest
from litestar import Litestar

from koodtx.settings import Settings
from tests.support.aliases import Client

pytestmark = [pytest.mark.api]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return msgspec.structs.replace(settings, log_level="info", logins_per_minute=1)


def lines(capfd: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capfd.readouterr().err.splitlines() if line.startswith("{")]


def test_each_request_is_one_json_line_on_stderr(client: Client, capfd: pytest.CaptureFixture[str]) -> None:
    reply = client.get("/health")
    (line,) = [line for line in lines(capfd) if line.get("event") == "request"]
    assert (line["method"], line["path"], line["status"]) == ("GET", "/health", 200)
    assert line["request_id"] == reply.headers["x-request-id"]
    assert line["level"] == "info"
    assert line["milliseconds"] >= 0
    assert line["timestamp"].endswith("Z")


def test_request_of_a_user_names_the_user_by_number(
    client: Client, user: dict[str, Any], capfd: pytest.CaptureFixture[str]
) -> None:
    capfd.readouterr()
    client.get("/api/sync/status", headers=user["headers"])
    (line,) = [line for line in lines(capfd) if line.get("event") == "request"]
    assert line["user_id"] == user["user"]["id"]


def test_unknown_path_and_refused_request_are_logged(client: Client, capfd: pytest.CaptureFixture[str]) -> None:
    client.get("/nowhere")
    client.get("/api/sync/status")
    assert [line["status"] for line in lines(capfd) if line.get("event") == "request"] == [404, 401]


def test_logs_hold_no_secrets(client: Client, user: dict[str, Any], capfd: pytest.CaptureFixture[str]) -> None:
    """Neither bodies nor tokens, e-mails, names, notes, ids or query strings, whatever happens."""
    headers = user["headers"] | {"Content-Type": "application/json"}
    session = {"session_id": "secret-session", "start_time": "2025-10-09T08:53:20Z", "notes": "secret-notes"}
    item = {"sensor_type": "secret-sensor", "timestamp": 1_760_000_000_000, "data": {"secret-key": "secret-value"}}
    push = {"session": session, "sensor_data": [item], "push_id": "secret-push"}
    client.post("/api/sync/push", json=push, headers=headers)
    client.post("/api/sync/push", json=push | {"sensor_data": []}, headers=headers)
    client.post("/api/sync/push", json=push | {"session": session | {"notes": 5}}, headers=headers)
    client.post("/api/sync/push", content=b'{"secret-broken', headers=headers)
    client.post("/api/sync/pull", json={"cursor": "secret-cursor"}, headers=headers)
    client.patch("/api/sessions/secret-session", json={"notes": "secret-notes"}, headers=headers)
    client.get("/api/sessions/secret-session?token=secret-query", headers=headers)
    client.delete("/api/sessions/secret-session", headers=headers)
    client.get("/secret-path?e=secret@example.org")
    client.get("/api/sync/status", headers={"Authorization": "Bearer secret-token"})
    for _ in range(3):
        client.post("/api/auth/login", json={"email": "secret@example.org", "password": "secret-password"})
    client.post("/api/auth/register", json={"username": "secret@", "email": "secret", "password": "secret-password"})
    for _ in range(2):
        client.post("/api/auth/refresh", json={"refresh_token": user["refresh_token"]})
    captured = capfd.readouterr()
    text = captured.out + captured.err
    assert text.count('"event": "request"') >= 15
    for secret in ("secret", user["email"], user["password"], user["access_token"], user["refresh_token"]):
        assert secret not in text


def test_fault_of_ours_is_logged_with_its_traceback_and_no_body(
    app: Litestar, client: Client, auth_headers: dict[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    app.state.limiter = None
    session = {"session_id": "secret-session", "start_time": "2025-10-09T08:53:20Z", "notes": "secret-notes"}
    client.post("/api/sync/push", json={"session": session}, headers=auth_headers)
    text = capfd.readouterr().err
    assert "Traceback" in text
    assert "secret" not in text
    assert auth_headers["Authorization"].removeprefix("Bearer ") not in text
