"""Pushing and pulling as one call each."""

from collections.abc import Callable
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

Call = Callable[..., dict[str, Any]]

START = "2025-10-09T08:53:20Z"
START_MS = 1_760_000_000_000


@pytest.fixture
def push(client: TestClient[Litestar], auth_headers: dict[str, str]) -> Call:
    """Pushes readings to a session of the user; the reply, whose status must be the one expected."""

    def call(
        readings: Any = (),
        session_id: str = "walk",
        *,
        push_id: str | None = None,
        headers: dict[str, str] | None = None,
        status: int = 200,
        **fields: Any,
    ) -> dict[str, Any]:
        session = {"session_id": session_id, "start_time": START} | fields
        body = {"session": session, "sensor_data": list(readings)} | ({"push_id": push_id} if push_id else {})
        reply = client.post("/api/sync/push", json=body, headers=auth_headers | (headers or {}))
        assert reply.status_code == status, reply.text
        answer: dict[str, Any] = reply.json()
        return answer

    return call


@pytest.fixture
def pull(client: TestClient[Litestar], auth_headers: dict[str, str]) -> Call:
    """Pulls with the members given; the reply, whose status must be the one expected."""

    def call(*, headers: dict[str, str] | None = None, status: int = 200, **members: Any) -> dict[str, Any]:
        reply = client.post("/api/sync/pull", json=members, headers=auth_headers | (headers or {}))
        assert reply.status_code == status, reply.text
        answer: dict[str, Any] = reply.json()
        return answer

    return call


@pytest.fixture
def other_phone(client: TestClient[Litestar], user: dict[str, Any]) -> dict[str, str]:
    """The Authorization of the same user on a second device."""
    account = {"username": user["username"], "password": user["password"], "device_id": "other phone"}
    reply = client.post("/api/auth/login", json=account)
    assert reply.status_code == 200, reply.text
    return {"Authorization": f"Bearer {reply.json()['access_token']}"}


def reading(offset_ms: float = 0, sensor: str = "accelerometer", **data: Any) -> dict[str, Any]:
    """A reading so many milliseconds after START."""
    return {"sensor_type": sensor, "timestamp": START_MS + offset_ms, "data": data or {"x": 1.0}}


@pytest.fixture(name="reading")
def reading_fixture() -> Callable[..., dict[str, Any]]:
    """Makes a reading: reading(offset_ms, sensor, **data)."""
    return reading
