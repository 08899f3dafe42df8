"""Log in: alike for unknown accounts and wrong passwords; limited by account and address."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from litestar.testing import TestClient
from litestar.types import Receive, Scope, Send
from redis import Redis

from koodtx.app import create_app
from koodtx.settings import Settings
from tests.support.aliases import Client, CreateUser
from tests.support.requests import register
from tests.support.settings import PASSWORD, make_settings

pytestmark = [pytest.mark.auth, pytest.mark.api]


@pytest.fixture
def settings(request: pytest.FixtureRequest, database_url: str, redis_url: str) -> Settings:
    """With what a test asks for by `@pytest.mark.parametrize("settings", [...], indirect=True)`."""
    return make_settings(database_url, redis_url=redis_url, **getattr(request, "param", {}))


def log_in(client: Client, name: str, password: str = PASSWORD, **headers: str) -> Any:
    return client.post("/api/auth/login", json={"username": name, "password": password}, headers=headers)


def test_login_by_name_or_email(client: Client, create_user: CreateUser) -> None:
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


def test_rejected_logins_have_the_same_answer(
    client: Client, create_user: CreateUser, db: psycopg.Connection[Any]
) -> None:
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


def test_rejected_logins_take_the_same_time(client: Client, create_user: CreateUser) -> None:
    create_user("known")
    seconds: dict[str, list[float]] = {"known": [], "unknown": []}
    for _ in range(25):
        for name, times in seconds.items():
            # Of this process, the service included: what else the machine does must not count.
            started = time.process_time()
            log_in(client, name, "a wrong password")
            times.append(time.process_time() - started)
    known, unknown = (min(times) for times in seconds.values())
    assert unknown == pytest.approx(known, rel=0.25)


@pytest.mark.usefixtures("within_a_minute")
@pytest.mark.parametrize("settings", [{"logins_per_minute": 3}], indirect=True)
def test_the_limit_of_an_account_ignores_how_its_name_is_written(client: Client, create_user: CreateUser) -> None:
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
def test_the_limit_of_an_address_ignores_untrusted_headers(client: Client) -> None:
    statuses = [
        log_in(client, f"user{n}", **{"X-Forwarded-For": f"10.0.0.{n}", "Forwarded": f"for=10.0.0.{n}"}).status_code
        for n in range(5)
    ]
    assert statuses == [401, 401, 401, 429, 429]


@pytest.mark.usefixtures("within_a_minute")
@pytest.mark.parametrize("settings", [{"logins_per_minute_address": 3}], indirect=True)
def test_registrations_and_logins_share_a_limit(client: Client) -> None:
    log_in(client, "somebody")
    accounts = [{"username": f"u{n}", "email": f"u{n}@example.org", "password": PASSWORD} for n in range(3)]
    replies = [client.post("/api/auth/register", json=account) for account in accounts]
    assert [reply.status_code for reply in replies] == [201, 201, 429]


@contextmanager
def behind_a_proxy(settings: Settings) -> Iterator[Client]:
    """A client whose address is what X-Forwarded-For says."""
    app = create_app(settings)
    handle = app.asgi_handler

    async def handle_behind_proxy(scope: Scope, receive: Receive, send: Send) -> None:
        scope["client"] = ("192.0.2.7", 443)
        await handle(scope, receive, send)

    app.asgi_handler = handle_behind_proxy
    with TestClient(app) as client:
        yield client


def log_in_from(client: Client, address: str, name: str, password: str = PASSWORD) -> int:
    status: int = log_in(client, name, password, **{"X-Forwarded-For": address}).status_code
    return status


PROXY = {"trusted_proxies": "192.0.2.0/24"}


@pytest.mark.usefixtures("within_a_minute")
@pytest.mark.parametrize("settings", [PROXY | {"logins_per_minute_address": 2}], indirect=True)
def test_clients_behind_a_trusted_proxy_have_limits_of_their_own(settings: Settings) -> None:
    with behind_a_proxy(settings) as client:
        first = [log_in(client, "a", **{"X-Forwarded-For": "203.0.113.1"}).status_code for _ in range(3)]
        forged = log_in(client, "a", **{"X-Forwarded-For": "198.51.100.9, 203.0.113.1"}).status_code
        second = log_in(client, "a", **{"X-Forwarded-For": "203.0.113.1, 203.0.113.2"}).status_code
    assert (first, forged, second) == ([401, 401, 429], 429, 401)


@pytest.mark.usefixtures("within_a_minute")
@pytest.mark.parametrize(
    "settings", [PROXY | {"logins_per_minute": 10, "logins_per_minute_account": 100}], indirect=True
)
@pytest.mark.parametrize("name", ["mina", "MINA", "mina@example.org"])
def test_wrong_passwords_from_one_address_do_not_keep_the_user_out(settings: Settings, name: str) -> None:
    with behind_a_proxy(settings) as client:
        register(client, "mina", "phone")
        statuses = [log_in_from(client, "203.0.113.66", name, "a wrong password") for _ in range(12)]
        assert statuses == [401] * 10 + [429] * 2
        assert log_in_from(client, "203.0.113.66", name) == 429
        for address in ("203.0.113.1", "203.0.113.2", "2001:db8::1"):
            assert log_in_from(client, address, name) == 200


@pytest.mark.usefixtures("within_a_minute")
@pytest.mark.parametrize(
    "settings", [PROXY | {"logins_per_minute": 10, "logins_per_minute_account": 20}], indirect=True
)
def test_attempts_from_many_addresses_meet_the_limit_of_the_account(settings: Settings) -> None:
    with behind_a_proxy(settings) as client:
        register(client, "mina", "phone")
        register(client, "boris", "phone")
        assert log_in_from(client, "203.0.113.1", "mina") == 200
        attack = [log_in_from(client, f"198.51.100.{number}", "mina", f"wrong {number}") for number in range(25)]
        assert attack == [401] * 19 + [429] * 6
        # The others do not hold up an address from which somebody logged in to the account, but do a new one.
        assert log_in_from(client, "203.0.113.1", "MINA") == 200
        assert log_in_from(client, "203.0.113.1", "mina", "a wrong password") == 401
        assert log_in_from(client, "203.0.113.9", "mina") == 429
        assert log_in_from(client, "198.51.100.1", "boris") == 200


@pytest.mark.usefixtures("within_a_minute")
@pytest.mark.parametrize("settings", [PROXY | {"logins_per_minute": 3, "logins_per_minute_account": 9}], indirect=True)
def test_an_address_from_which_somebody_logged_in_has_its_own_limit(settings: Settings) -> None:
    with behind_a_proxy(settings) as client:
        register(client, "mina", "phone")
        log_in_from(client, "203.0.113.1", "mina")
        statuses = [log_in_from(client, "203.0.113.1", "mina", "a wrong password") for _ in range(4)]
        assert statuses == [401, 401, 429, 429]


@pytest.mark.usefixtures("within_a_minute")
@pytest.mark.parametrize("settings", [PROXY | {"logins_per_minute": 2, "logins_per_minute_account": 4}], indirect=True)
def test_addresses_of_one_network_are_one(settings: Settings) -> None:
    with behind_a_proxy(settings) as client:
        register(client, "mina", "phone")
        statuses = [log_in_from(client, f"2001:db8:1:2::{number}", "mina", "wrong") for number in range(4)]
        assert statuses == [401, 401, 429, 429]


@pytest.mark.usefixtures("within_a_minute")
@pytest.mark.parametrize("settings", [PROXY | {"logins_per_minute": 3, "logins_per_minute_account": 5}], indirect=True)
def test_the_password_change_is_limited_by_account_and_address(settings: Settings) -> None:
    with behind_a_proxy(settings) as client:
        user = register(client, "mina", "phone")

        def change(address: str, current: str) -> int:
            sent = {"current": current, "new": "another password"}
            headers = user["headers"] | {"X-Forwarded-For": address}
            return client.post("/api/auth/password", json=sent, headers=headers).status_code

        assert [change("198.51.100.1", "wrong") for _ in range(4)] == [422, 422, 422, 429]
        assert change("203.0.113.1", "wrong") == 422
        assert change("203.0.113.1", PASSWORD) == 204
        assert change("203.0.113.2", "another password") == 429


@pytest.mark.usefixtures("within_a_minute")
@pytest.mark.parametrize("settings", [PROXY | {"logins_per_minute": 3, "logins_per_minute_account": 9}], indirect=True)
def test_no_name_and_no_address_is_stored_in_redis(settings: Settings, redis_url: str) -> None:
    with behind_a_proxy(settings) as client, Redis.from_url(redis_url) as redis:
        register(client, "mina", "phone")
        log_in_from(client, "203.0.113.1", "mina")
        log_in_from(client, "203.0.113.1", "mina@example.org", "wrong")
        keys = b" ".join(redis.scan_iter("koodtx:*"))
        assert keys
        assert b"mina" not in keys
        assert b"203.0.113" not in keys
