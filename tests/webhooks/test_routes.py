"""/api/webhooks: what is accepted, shown and kept secret."""

from typing import Any

import pytest
from litestar.testing import TestClient

from koodtx.settings import Settings
from koodtx.webhooks.signature import read_secret
from tests.support.aliases import Client, Db, Document
from tests.support.apps import app_with
from tests.support.databases import value
from tests.support.requests import register
from tests.support.settings import make_settings

pytestmark = [pytest.mark.api, pytest.mark.integration]

URL = "https://app.example.org/hooks"


@pytest.fixture
def settings(database_url: str, redis_url: str) -> Settings:
    """As a service is by default."""
    return make_settings(database_url, redis_url=redis_url, max_user_webhooks=3)


@pytest.fixture
def webhook(client: Client, auth_headers: dict[str, str]) -> Document:
    reply = client.post("/api/webhooks", json={"url": URL, "events": ["take.completed"]}, headers=auth_headers)
    assert reply.status_code == 201, reply.text
    found: Document = reply.json()
    return found


def test_secret_is_shown_once(client: Client, auth_headers: dict[str, str], db: Db, webhook: Document) -> None:
    assert read_secret(webhook["secret"]) == value(db, "select secret from app.webhooks")
    listed = client.get("/api/webhooks", headers=auth_headers).json()
    assert listed["webhooks"] == [{name: text for name, text in webhook.items() if name != "secret"}]
    path = f"/api/webhooks/{webhook['webhook_id']}"
    assert "secret" not in client.patch(path, json={}, headers=auth_headers).json()
    rotated = client.post(f"{path}/secret", headers=auth_headers).json()
    assert read_secret(rotated["secret"]) == value(db, "select secret from app.webhooks")
    assert rotated["secret"] != webhook["secret"]


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"url": "http://app.example.org/"}, "url", "must begin with https://"),
        ({"url": "https://127.0.0.1/"}, "url", "must not have an address that is not public"),
        ({"url": "https://[::ffff:10.0.0.1]/"}, "url", "must not have an address that is not public"),
        ({"url": "https://mina:pass@app.example.org/"}, "url", "must not contain a user name or password"),
        ({"url": ""}, "url", "length"),
        ({"url": f"{URL}/" + "a" * 2000}, "url", "length"),
        ({"url": None}, "url", "string"),
        ({"events": []}, "events", "length"),
        ({"events": ["take.deleted"]}, "events[0]", "take.deleted"),
        ({"events": ["webhook.test"]}, "events[0]", "webhook.test"),
        ({"secret": "mine"}, "secret", ""),
    ],
)
def test_what_is_wrong_is_named(
    client: Client, auth_headers: dict[str, str], webhook: Document, change: Document, field: str, words: str
) -> None:
    whole = {"url": URL, "events": ["take.completed"]} | change
    for reply in (
        client.post("/api/webhooks", json=whole, headers=auth_headers),
        client.patch(f"/api/webhooks/{webhook['webhook_id']}", json=change, headers=auth_headers),
    ):
        assert reply.status_code == 422, reply.text
        (error,) = reply.json()["errors"]
        assert error["field"] == field
        assert words in error["message"]


@pytest.mark.parametrize("allow_private", [False, True])
def test_inner_addresses_may_be_allowed(database_url: str, redis_url: str, allow_private: bool) -> None:
    settings = make_settings(database_url, redis_url=redis_url, webhooks_allow_private=allow_private)
    body = {"url": "http://127.0.0.1:80/hooks", "events": ["take.failed"]}
    with TestClient(app_with(settings)) as client:
        reply = client.post("/api/webhooks", json=body, headers=register(client)["headers"])
    assert reply.status_code == (201 if allow_private else 422)


def test_a_user_has_only_so_many(client: Client, auth_headers: dict[str, str], create_user: Any) -> None:
    body = {"url": URL, "events": ["take.completed", "take.failed", "take.completed"]}
    replies = [client.post("/api/webhooks", json=body, headers=auth_headers) for _ in range(4)]
    assert [reply.status_code for reply in replies] == [201, 201, 201, 409]
    assert replies[0].json()["events"] == ["take.completed", "take.failed"]
    assert replies[3].json()["type"].endswith("limit-reached")
    assert client.post("/api/webhooks", json=body, headers=create_user("joon")["headers"]).status_code == 201
    path = f"/api/webhooks/{replies[0].json()['webhook_id']}"
    assert client.delete(path, headers=auth_headers).status_code == 204
    assert client.delete(path, headers=auth_headers).status_code == 404
    assert client.post("/api/webhooks", json=body, headers=auth_headers).status_code == 201


def test_fields_that_are_absent_stay(client: Client, auth_headers: dict[str, str], webhook: Document) -> None:
    path = f"/api/webhooks/{webhook['webhook_id']}"
    changed = client.patch(path, json={"events": ["take.failed"]}, headers=auth_headers).json()
    assert (changed["url"], changed["events"], changed["is_active"]) == (URL, ["take.failed"], True)
    disabled = client.patch(path, json={"is_active": False}, headers=auth_headers).json()
    assert (disabled["url"], disabled["events"]) == (URL, ["take.failed"])
    assert (disabled["is_active"], disabled["disabled_reason"]) == (False, "disabled by its owner")
    other = client.patch(path, json={"url": f"{URL}/other"}, headers=auth_headers).json()
    assert (other["url"], other["is_active"], other["disabled_at"]) == (f"{URL}/other", False, disabled["disabled_at"])
