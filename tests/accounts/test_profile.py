"""Who am I, and on which devices."""

from typing import Any
from urllib.parse import quote

import psycopg
import pytest

from tests.support.aliases import Client, CreateUser, User
from tests.support.settings import PASSWORD

pytestmark = [pytest.mark.auth, pytest.mark.api]


def device_ids(client: Client, user: User) -> list[str]:
    reply = client.get("/api/auth/devices/", headers=user["headers"])
    return [device["device_id"] for device in reply.json()["devices"]]


def log_in(client: Client, user: User, device_id: str) -> Any:
    given = {"username": user["username"], "password": PASSWORD, "device_id": device_id}
    return client.post("/api/auth/login", json=given).json()


def test_change_name_and_timezone(client: Client, user: User) -> None:
    def change(**fields: Any) -> Any:
        return client.patch("/api/auth/me", json=fields, headers=user["headers"])

    assert change(name="미나").json()["name"] == "미나"
    assert change(timezone="Asia/Seoul").json()["name"] == "미나"
    assert change().json()["timezone"] == "Asia/Seoul"
    assert change(name=None).json()["name"] is None
    assert client.get("/api/auth/me", headers=user["headers"]).json()["timezone"] == "Asia/Seoul"


def test_refused_changes_name_the_field(client: Client, user: User) -> None:
    refused: list[tuple[str, Any]] = [
        ("timezone", "Mars/Olympus"),
        ("timezone", "../../etc/passwd"),
        ("timezone", None),
        ("name", "a\x00b"),
        ("name", "x" * 201),
    ]
    for field, value in refused:
        reply = client.patch("/api/auth/me", json={field: value}, headers=user["headers"])
        assert reply.status_code == 422
        assert [error["field"] for error in reply.json()["errors"]] == [field]


def test_fields_that_are_not_mine_to_change_stay(client: Client, user: User) -> None:
    fields = {"role": "admin", "id": 1, "is_active": False, "username": "other"}
    assert client.patch("/api/auth/me", json=fields, headers=user["headers"]).json() == user["user"]


def test_devices_are_listed(client: Client, user: User) -> None:
    log_in(client, user, "tablet")
    devices = client.get("/api/auth/devices", headers=user["headers"]).json()["devices"]
    assert [(device["device_id"], device["is_current"]) for device in devices] == [("phone", True), ("tablet", False)]
    assert set(devices[0]) == {"device_id", "is_current", "created_at", "last_push_at", "last_pull_at"}


def test_a_revoked_device_is_gone_until_it_logs_in_again(client: Client, user: User) -> None:
    tablet = log_in(client, user, "tablet")
    assert client.delete("/api/auth/devices/tablet", headers=user["headers"]).status_code == 204
    assert device_ids(client, user) == ["phone"]
    assert client.delete("/api/auth/devices/tablet/", headers=user["headers"]).status_code == 404
    again = log_in(client, user, "tablet")
    assert device_ids(client, user) == ["phone", "tablet"]
    tokens = [{"refresh_token": login["refresh_token"]} for login in (tablet, again)]
    assert [client.post("/api/auth/refresh", json=token).status_code for token in tokens] == [401, 200]


def test_device_ids_of_all_kinds_can_be_revoked(client: Client, user: User) -> None:
    for device_id in ("a/b", "50%", "내 전화", "a b", "?x=1", "default"):
        log_in(client, user, device_id)
        path = f"/api/auth/devices/{quote(device_id, safe='')}"
        assert client.delete(path, headers=user["headers"]).status_code == 204, device_id
        assert device_ids(client, user) == ["phone"]


def test_devices_of_others_are_out_of_reach(client: Client, create_user: CreateUser) -> None:
    mine, theirs = create_user(device_id="mine"), create_user(device_id="theirs")
    reply = client.delete("/api/auth/devices/theirs", headers=mine["headers"])
    unknown = client.delete("/api/auth/devices/unknown", headers=mine["headers"])
    assert reply.status_code == unknown.status_code == 404
    assert reply.json() | {"request_id": ""} == unknown.json() | {"request_id": ""}
    assert device_ids(client, theirs) == ["theirs"]


def test_hostile_device_ids(client: Client, user: User) -> None:
    for path in ("%00", "a%0Ab", "%FF", "..%2F..", "x" * 300):
        reply = client.delete(f"/api/auth/devices/{path}", headers=user["headers"])
        assert 400 <= reply.status_code < 500, path


def test_logging_in_twice_on_a_device_keeps_both(client: Client, user: User, db: psycopg.Connection[Any]) -> None:
    log_in(client, user, "phone")
    assert device_ids(client, user) == ["phone"]
    assert client.post("/api/auth/refresh", json={"refresh_token": user["refresh_token"]}).status_code == 200
