"""What a WebSocket is sent, whenever it comes and whatever is lost."""

import time
from typing import Any

import pytest
from litestar.exceptions import WebSocketDisconnect

from koodtx.live import hub, watch
from tests.support.aliases import Client
from tests.support.job_driver import JobDriver

pytestmark = [pytest.mark.tasks, pytest.mark.api]


def receive_to_the_end(socket: Any) -> list[dict[str, Any]]:
    """All messages, pings left out, until the server closes."""
    messages, code = receive_until_closed(socket)
    assert code == 1000
    return [message for message in messages if message["type"] != "ping"]


def receive_until_closed(socket: Any) -> tuple[list[dict[str, Any]], int]:
    """All messages, and the close code."""
    messages = []
    try:
        while True:
            messages.append(socket.receive_json(timeout=20))
    except WebSocketDisconnect as closed:
        return messages, closed.code


@pytest.fixture
def reads_again_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody was notified of is found soon. To be requested before the client, which starts the application."""
    monkeypatch.setattr(hub, "_READ_AGAIN_S", 0.5)


def test_socket_sends_every_state_in_order(client: Client, driver: JobDriver, token: str) -> None:
    with client.websocket_connect(f"/ws/analysis/{driver.job_id}?token={token}") as socket:
        connected = socket.receive_json()
        driver.claim()
        driver.report(10, "Starting analysis...")
        driver.report(90, "Saving results...")
        driver.complete({"record_count": 100, "sensors": {}})
        messages = receive_to_the_end(socket)

    assert connected == {"type": "connected", "job_id": driver.job_id, "status": "queued", "progress": 0}
    progress = [message["progress"] for message in messages if message["type"] == "progress"]
    assert progress == sorted(progress)
    assert messages[-2]["message"] == "Analysis completed"
    assert messages[-1] == {"type": "completed", "job_id": driver.job_id, "summary": {"record_count": 100}}


def test_socket_is_pinged_however_much_is_told(
    client: Client, driver: JobDriver, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client may answer pings and say nothing else: without any, it would be taken for dead."""
    monkeypatch.setattr(watch, "PING_EVERY_S", 0.4)
    driver.claim()
    with client.websocket_connect(f"/ws/analysis/{driver.job_id}?token={token}") as socket:
        for progress in range(1, 11):
            driver.report(progress, "step by step")
            time.sleep(0.15)
        driver.complete({})
        messages, _ = receive_until_closed(socket)

    types = [message["type"] for message in messages]
    assert "ping" in types[: len(types) - types[::-1].index("progress") - 1], types


def test_socket_of_a_latecomer_ends_as_well(client: Client, driver: JobDriver, token: str) -> None:
    driver.claim()
    driver.fail("there was nothing to see")

    with client.websocket_connect(f"/ws/analysis/{driver.job_id}?token={token}") as socket:
        messages = receive_to_the_end(socket)

    assert messages[0]["status"] == "failed"
    assert messages[-1] == {"type": "error", "job_id": driver.job_id, "error": "there was nothing to see"}


def test_socket_finds_out_what_nobody_told(
    reads_again_soon: None, client: Client, driver: JobDriver, token: str
) -> None:
    driver.is_silent = True
    with client.websocket_connect(f"/ws/analysis/{driver.job_id}?token={token}") as socket:
        driver.claim()
        driver.complete({})
        messages = receive_to_the_end(socket)

    assert messages[-1]["type"] == "completed"


def test_socket_with_a_ticket_opens_once(client: Client, driver: JobDriver, auth_headers: dict[str, str]) -> None:
    ticket = client.post("/api/v1/tickets", headers=auth_headers).json()["ticket"]
    url = f"/ws/analysis/{driver.job_id}?token={ticket}"

    with client.websocket_connect(url) as socket:
        assert socket.receive_json()["type"] == "connected"
    assert closed_with(client, url) == 4401


def test_socket_is_refused_by_code(client: Client, driver: JobDriver, token: str, create_user: Any) -> None:
    stranger = create_user("stranger")["access_token"]
    missing = "00000000-0000-4000-8000-000000000000"

    assert closed_with(client, f"/ws/analysis/{driver.job_id}") == 4401
    assert closed_with(client, f"/ws/analysis/{driver.job_id}?token=nonsense") == 4401
    assert closed_with(client, f"/ws/analysis/{driver.job_id}?token={stranger}") == 4404
    assert closed_with(client, f"/ws/analysis/{missing}?token={token}") == 4404


def test_socket_of_a_foreign_page_is_refused(client: Client, driver: JobDriver, token: str) -> None:
    url = f"/ws/analysis/{driver.job_id}?token={token}"

    assert closed_with(client, url, headers={"Origin": "https://elsewhere.example"}) == 4403


def test_socket_ends_when_its_login_does(
    reads_again_soon: None, client: Client, driver: JobDriver, user: dict[str, Any]
) -> None:
    with client.websocket_connect(f"/ws/analysis/{driver.job_id}?token={user['access_token']}") as socket:
        socket.receive_json()
        client.post("/api/auth/logout", json={"refresh_token": user["refresh_token"]})
        _, code = receive_until_closed(socket)

    assert code == 4410


def closed_with(client: Client, url: str, headers: dict[str, str] | None = None) -> int:
    """The close code of a socket that is sent nothing else."""
    with client.websocket_connect(url, headers=headers) as socket:
        messages, code = receive_until_closed(socket)
    assert messages == []
    return code
