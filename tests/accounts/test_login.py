"""Log in: alike for unknown accounts and wrong passwords; limited by account and address."""

import time
from typing import Any

import psycopg
import pytest
from litestar.testing import TestClient
from litestar.types import Receive, Scope, Send

from koodtx.app import create_app
from koodtx.settings import Settings
from tests.support.aliases import Client, CreateUser
from tests.support.settings import PASSWORD, make_settings

pytestmark = [pytest.mark.auth, pytest.mark.api]


@pytest.fixture
def settings(request: pytest.FixtureRequest, database_url: str, redis_url: str) -> Settings:
    """With what a test asks for by `@pytest.mark.parametrize("settings", [...], indirect=True)`."""
    return make_settings(database_url, redis_url=redis_url, **getattr(request, "param", {}))


def log_in(client: Client, name: str, password: str = PASSWORD, **headers: str) -> Any:
    return client.post("/api/auth/login", json={"username": name, "password": password}, headers=headers)


def test_log_in_by_name_or_email(client: Client, create_user: CreateUser) -> None:
    mina = create_user("mina")
    for given in [
        {"username": "mina"},
        {"username": " MINA "},
        {"email": "mina@EXAMPLE.org"},
        {"username": "mina@example.org"},
    ]:
        reply = client.post("/api/auth/login", json=given | {"password": PASSWORD})
        assert reply.status_code == 200
        assert reply.json()["user"] == mina["user"]
        assert reply.json()["refresh_token"] != mina["refresh_token"]


def test_without_a_name_it_is_refused(client: Client) -> None:
    reply = client.post("/api/auth/login", json={"password": PASSWORD})
    assert reply.status_code == 422
    assert reply.json()["errors"][0]["field"] == "username"


def test_refusals_are_alike(client: Client, create_user: CreateUser, db: psycopg.Connection[Any]) -> None:
    for name in ("known", "inactive", "passwordless"):
        create_user(name)
    db.execute("update app.users set is_active = false where username = 'inactive'")
    db.execute("update app.users set password_hash = null where username = 'passwordless'")
    replies = [
        log_in(client, "unknown"),
        log_in(client, "known", "a wrong password"),
        log_in(client, "inactive"),
        log_in(client, "passwordless"),
    ]
    bodies = [reply.json() | {"request_id": ""} for reply in replies]
    assert [reply.status_code for reply in replies] == [401] * 4
    assert bodies[0]["type"] == "urn:koodtx:problem:wrong-credentials"
    assert all(body == bodies[0] for body in bodies)
    assert len({tuple(sorted(set(reply.headers) - {"x-request-id"})) for reply in replies}) == 1


def test_refusals_take_as_long(client: Client, create_user: CreateUser) -> None:
    create_user("known")
    seconds: dict[str, list[float]] = {"known": [], "unknown": []}
    for _ in range(25):
        for name, times in seconds.items():
            started = time.perf_counter()
            log_in(client, name, "a wrong password")
            times.append(time.perf_counter() - started)
    # The least, since what else the machine does only adds.
    known, unknown = (min(times) for times in seconds.values())
    assert unknown == pytest.approx(known, rel=0.25)


@pytest.mark.usefixtures("within_a_minute")
@pytest.mark.parametrize("settings", [{"logins_per_minute": 3}], indirect=True)
def test_an_account_is_limited_however_it_is_written(client: Client, create_user: CreateUser) -> None:
    create_user("mina")
    statuses = [log_in(client, name, "a wrong password").status_code for name in ("mina", "MINA", " Mina", "mina")]
    assert statuses == [401, 401, 401, 429]
    limited = log_in(client, "mina")
    assert limited.status_code == 429
    assert 1 <= int(limited.headers["Retry-After"]) <= 60
    assert log_in(client, "somebody else").status_code == 401


@pytest.mark.usefixtures("within_a_minute")
@pytest.mark.parametrize("settings", [{"logins_per_minute": 3}], indirect=True)
def test_the_password_change_is_limited(client: Client, user: dict[str, Any]) -> None:
    change = {"current": "a wrong password", "new": "another password"}
    replies = [client.post("/api/auth/password", json=change, headers=user["headers"]) for _ in range(4)]
    assert [reply.status_code for reply in replies] == [422, 422, 422, 429]


@pytest.mark.usefixtures("within_a_minute")
@pytest.mark.parametrize("settings", [{"logins_per_minute_address": 3}], indirect=True)
def test_an_address_is_limited_whatever_it_claims(client: Client) -> None:
    statuses = [
        log_in(client, f"user{n}", **{"X-Forwarded-For": f"10.0.0.{n}", "Forwarded": f"for=10.0.0.{n}"}).status_code
        for n in range(5)
    ]
    assert statuses == [401, 401, 401, 429, 429]


@pytest.mark.usefixtures("within_a_minute")
@pytest.mark.parametrize("settings", [{"logins_per_minute_address": 3}], indirect=True)
def test_registrations_are_limited_with_the_log_ins(client: Client) -> None:
    log_in(client, "somebody")
    accounts = [{"username": f"u{n}", "email": f"u{n}@example.org", "password": PASSWORD} for n in range(3)]
    replies = [client.post("/api/auth/register", json=account) for account in accounts]
    assert [reply.status_code for reply in replies] == [201, 201, 429]


@pytest.mark.usefixtures("within_a_minute")
@pytest.mark.parametrize(
    "settings", [{"logins_per_minute_address": 2, "trusted_proxies": "192.0.2.0/24"}], indirect=True
)
def test_behind_a_trusted_proxy_clients_are_told_apart(settings: Settings) -> None:
    app = create_app(settings)
    handle = app.asgi_handler

    async def handle_behind_proxy(scope: Scope, receive: Receive, send: Send) -> None:
        scope["client"] = ("192.0.2.7", 443)
        await handle(scope, receive, send)

    app.asgi_handler = handle_behind_proxy
    with TestClient(app) as client:
        first = [log_in(client, "a", **{"X-Forwarded-For": "203.0.113.1"}).status_code for _ in range(3)]
        forged = log_in(client, "a", **{"X-Forwarded-For": "198.51.100.9, 203.0.113.1"}).status_code
        second = log_in(client, "a", **{"X-Forwarded-For": "203.0.113.1, 203.0.113.2"}).status_code
    assert (first, forged, second) == ([401, 401, 429], 429, 401)
