"""Requests that many tests make, over HTTP: registration, login, push and pull."""

from typing import Any

import httpx

from tests.support.aliases import Document
from tests.support.readings import START
from tests.support.settings import PASSWORD


def register(client: httpx.Client, name: str = "mina", device_id: str = "phone") -> Document:
    """Registers a user; returns {username, email, password, headers} and the reply."""
    account = {"username": name, "email": f"{name}@example.org", "password": PASSWORD}
    reply = client.post("/api/auth/register", json=account | {"device_id": device_id})
    assert reply.status_code == 201, reply.text
    return account | reply.json() | {"headers": bearer(reply)}


def register_at(url: str, name: str = "mina") -> dict[str, str]:
    """Registers a user of the service at this URL; returns the Authorization."""
    with httpx.Client(base_url=url, timeout=30) as client:
        headers: dict[str, str] = register(client, name)["headers"]
        return headers


def log_in(client: httpx.Client, user: Document, device_id: str) -> dict[str, str]:
    """Logs a user in on another device; returns the Authorization."""
    account = {"username": user["username"], "password": user["password"], "device_id": device_id}
    reply = client.post("/api/auth/login", json=account)
    assert reply.status_code == 200, reply.text
    return bearer(reply)


def bearer(reply: httpx.Response) -> dict[str, str]:
    """Returns the Authorization that a reply to a registration or login gives."""
    return {"Authorization": f"Bearer {reply.json()['access_token']}"}


def push_body(readings: Any, session_id: str = "walk", *, push_id: str | None = None, **fields: Any) -> Document:
    """Returns the body of a push; `fields` are those of the session."""
    session = {"session_id": session_id, "start_time": START} | fields
    return {"session": session, "sensor_data": list(readings)} | ({"push_id": push_id} if push_id else {})


def push(client: httpx.Client, headers: dict[str, str], body: Document, status: int = 200) -> Document:
    """Returns the reply to a push, whose status must be the expected one."""
    return _post(client, "/api/sync/push", headers, body, status)


def pull(client: httpx.Client, headers: dict[str, str], status: int = 200, **members: Any) -> Document:
    """Returns the reply to a pull, whose status must be the expected one."""
    return _post(client, "/api/sync/pull", headers, members, status)


def _post(client: httpx.Client, path: str, headers: dict[str, str], body: Document, status: int) -> Document:
    reply = client.post(path, json=body, headers=headers)
    assert reply.status_code == status, reply.text
    answer: Document = reply.json()
    return answer
