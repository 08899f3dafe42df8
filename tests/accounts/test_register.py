"""Registration: what it makes, what it refuses."""

import itertools
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from tests.support.aliases import Client
from tests.support.settings import PASSWORD

pytestmark = [pytest.mark.auth, pytest.mark.api]


ACCOUNT = {"username": "mina", "email": "mina@example.org", "password": PASSWORD}

# Each of these is refused in some field, and taken as it is in others; none may be answered by a 5xx.
HOSTILE = [
    "",
    " ",
    "\x00",
    "a\x00b",
    "a\n",
    "\x1b[31m",
    "\u202egnp.exe",
    "\ufeff",
    "'; drop table app.users; --",
    "%s %(id)s {0}",
    "a" * 2000,
    "\U0001f600" * 500,
    "\u0301" * 64,
    "../../etc/passwd",
    "<script>",
]


def problem_fields(reply: Any) -> list[str]:
    assert reply.headers["content-type"] == "application/problem+json"
    return [error["field"] for error in reply.json()["errors"]]


@pytest.mark.smoke
def test_register_returns_tokens_and_the_user(client: Client) -> None:
    reply = client.post("/api/auth/register", json=ACCOUNT)
    assert reply.status_code == 201
    body = reply.json()
    assert body["token_type"] == "bearer"
    assert body["expires_in"] == 900
    assert {name: body["user"][name] for name in ("username", "email", "name", "role", "timezone")} == {
        "username": "mina",
        "email": "mina@example.org",
        "name": None,
        "role": "user",
        "timezone": "UTC",
    }
    assert reply.headers["cache-control"] == "no-store"


def test_register_creates_the_change_sequence_and_the_device(client: Client, db: psycopg.Connection[Any]) -> None:
    user_id = client.post("/api/auth/register", json=ACCOUNT).json()["user"]["id"]
    clock = db.execute("select change_no from app.change_sequences where user_id = %s", [user_id]).fetchone()
    assert clock == (0,)
    devices = db.execute("select device_id from app.devices where user_id = %s", [user_id]).fetchall()
    assert devices == [("default",)]


def test_the_password_is_stored_as_argon2id(client: Client, db: psycopg.Connection[Any]) -> None:
    client.post("/api/auth/register", json=ACCOUNT)
    row = db.execute("select password_hash from app.users").fetchone()
    assert row is not None
    assert row[0].startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_taken_names_the_field(client: Client) -> None:
    client.post("/api/auth/register", json=ACCOUNT)
    for change, field in [
        ({"email": "other@example.org", "username": "MINA"}, "username"),
        ({"email": "other@example.org", "username": " mina "}, "username"),
        ({"username": "other", "email": "Mina@Example.org"}, "email"),
    ]:
        reply = client.post("/api/auth/register", json=ACCOUNT | change)
        assert reply.status_code == 409
        assert reply.json()["type"] == "urn:koodtx:problem:taken"
        assert problem_fields(reply) == [field]


def test_a_taken_name_creates_nothing(client: Client, db: psycopg.Connection[Any]) -> None:
    client.post("/api/auth/register", json=ACCOUNT)
    client.post("/api/auth/register", json=ACCOUNT | {"email": "other@example.org"})
    assert db.execute("select count(*) from app.users").fetchone() == (1,)
    assert db.execute("select count(*) from app.logins").fetchone() == (1,)


def test_names_are_compared_in_one_form(client: Client) -> None:
    composed, decomposed = "r\u00e9mi", "re\u0301mi"
    client.post("/api/auth/register", json=ACCOUNT | {"username": composed})
    reply = client.post("/api/auth/register", json=ACCOUNT | {"username": decomposed, "email": "b@example.org"})
    assert problem_fields(reply) == ["username"]


REFUSED: list[tuple[str, Any]] = [
    ("username", "mina@home"),
    ("username", "\u200bmina"),
    ("username", "   "),
    ("username", None),
    ("email", "mina"),
    ("email", "mina@"),
    ("email", "mina@a..b"),
    ("email", "mi na@example.org"),
    ("email", "a@b@c"),
    ("password", "1234567"),
    ("password", "\u00e9" * 513),
    ("password", 12345678),
    ("device_id", ""),
    ("device_id", "x" * 65),
]


def test_refused_fields_are_named(client: Client) -> None:
    for field, value in REFUSED:
        reply = client.post("/api/auth/register", json=ACCOUNT | {field: value})
        assert reply.status_code == 422, value
        assert problem_fields(reply) == [field]


def test_every_byte_of_the_longest_password_counts(client: Client) -> None:
    password = "x" * 1023
    client.post("/api/auth/register", json=ACCOUNT | {"password": password + "a"})
    wrong = client.post("/api/auth/login", json={"username": "mina", "password": password + "b"})
    right = client.post("/api/auth/login", json={"username": "mina", "password": password + "a"})
    assert (wrong.status_code, right.status_code) == (401, 200)


def test_hostile_text_is_accepted_or_rejected(client: Client) -> None:
    for path, field, value in itertools.product(("register", "login"), [*ACCOUNT, "device_id"], HOSTILE):
        reply = client.post(f"/api/auth/{path}", json=ACCOUNT | {field: value})
        assert reply.status_code < 500, (field, value)
        if "\x00" in value:
            assert reply.status_code == 422
            assert problem_fields(reply) == [field]


def test_hostile_values_elsewhere(client: Client, user: dict[str, Any]) -> None:
    values: list[Any] = [*HOSTILE, None, 1, [], {"a": 1}]
    targets = [("password", "current"), ("password", "new"), ("me", "name"), ("me", "timezone")]
    targets += [("refresh", "refresh_token"), ("logout", "refresh_token")]
    for (path, field), value in itertools.product(targets, values):
        body = {"current": PASSWORD, "new": PASSWORD} if path == "password" else {}
        method = "PATCH" if path == "me" else "POST"
        reply = client.request(method, f"/api/auth/{path}", json=body | {field: value}, headers=user["headers"])
        assert reply.status_code < 500, (path, field, value)


MALFORMED = [
    (b"{", "application/json", 400),
    (b'{"username": "\xff"}', "application/json", 400),
    (b'{"username": "\\ud800"}', "application/json", 400),
    (b"[" * 60_000, "application/json", 422),
    (b"[" * 100_000, "application/json", 413),
    (b"[]", "application/json", 422),
    (b"", "application/json", 422),
    (b"username=mina", "application/x-www-form-urlencoded", 415),
]


def test_malformed_bodies(client: Client) -> None:
    for path, (body, content_type, status) in itertools.product(("register", "login", "refresh", "logout"), MALFORMED):
        reply = client.post(f"/api/auth/{path}", content=body, headers={"Content-Type": content_type})
        # What stands in a member that a route does not know is not looked at.
        is_unknown = b"username" in body and path in ("refresh", "logout") and status == 400
        assert reply.status_code in ({400, 422} if is_unknown else {status}), reply.text


def test_two_registrations_at_once_create_one_account(client: Client) -> None:
    with ThreadPoolExecutor(6) as threads:
        replies = list(threads.map(lambda _: client.post("/api/auth/register", json=ACCOUNT), range(6)))
    assert sorted(reply.status_code for reply in replies) == [201, 409, 409, 409, 409, 409]
