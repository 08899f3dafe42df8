"""The life of an account, from registration to logout."""

from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

pytestmark = [pytest.mark.auth, pytest.mark.api]


@pytest.mark.integration
def test_full_flow(client: TestClient[Litestar]) -> None:
    account = {"username": "Mina", "email": "mina@example.org", "password": "first password"}
    registered = client.post("/api/auth/register/", json=account | {"device_id": "phone"})
    assert registered.status_code == 201
    reply: dict[str, Any] = registered.json()
    assert reply["user"]["username"] == "Mina"
    headers = {"Authorization": f"Bearer {reply['access_token']}"}
    assert client.get("/api/auth/me/", headers=headers).json() == reply["user"]

    changed = client.patch("/api/auth/me", headers=headers, json={"name": "김미나", "timezone": "Asia/Seoul"})
    assert changed.json() == reply["user"] | {"name": "김미나", "timezone": "Asia/Seoul"}
    change = {"current": "first password", "new": "second password"}
    assert client.post("/api/auth/password", headers=headers, json=change).status_code == 204

    logged_in = client.post("/api/auth/login", json={"email": "MINA@example.org", "password": "second password"})
    assert logged_in.status_code == 200
    refreshed = client.post("/api/auth/refresh", json={"refresh_token": logged_in.json()["refresh_token"]})
    assert refreshed.status_code == 200
    headers = {"Authorization": f"Bearer {refreshed.json()['access_token']}"}
    names = [device["device_id"] for device in client.get("/api/auth/devices", headers=headers).json()["devices"]]
    assert names == ["phone", "default"]
    token = {"refresh_token": refreshed.json()["refresh_token"]}
    assert client.post("/api/auth/logout", json=token).status_code == 204
    assert client.post("/api/auth/refresh", json=token).status_code == 401
