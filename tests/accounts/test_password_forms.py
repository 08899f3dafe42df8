"""Passwords in the form of RFC 8265: the same on every keyboard; hashes of earlier versions stay right."""

import unicodedata
from typing import Any

import psycopg
import pytest
from argon2 import PasswordHasher

from koodtx.accounts.command import add_admin
from koodtx.settings import Settings
from tests.support.aliases import Client, User

pytestmark = [pytest.mark.auth, pytest.mark.api]

# What one person types on two systems.
SAME = [
    ("비밀번호-é-안녕", "NFC", "NFD"),
    ("Müllers Kühe", "NFC", "NFD"),
    ("Tiếng Việt của tôi", "NFD", "NFC"),
    ("A\u030angstro\u0308m pass", "NFD", "NFC"),
]
SPACES = ["\u00a0", "\u3000", "\u2003", "\u202f"]
DIFFERENT = [
    ("Correct horse 9", "correct horse 9"),
    ("\uff50assword99", "password99"),
    ("stra\u00dfe 999", "strasse 999"),
]


def register(client: Client, password: str) -> Any:
    return client.post(
        "/api/auth/register", json={"username": "mina", "email": "mina@example.org", "password": password}
    )


def log_in(client: Client, password: str) -> int:
    return client.post("/api/auth/login", json={"username": "mina", "password": password}).status_code


def keep_raw(db: psycopg.Connection[Any], password: str) -> str:
    """Stores the hash of the bytes that were typed, as earlier versions did."""
    raw = PasswordHasher().hash(password)
    db.execute("update app.users set password_hash = %s where username = 'mina'", [raw])
    return raw


def hash_of(db: psycopg.Connection[Any]) -> str:
    row = db.execute("select password_hash from app.users where username = 'mina'").fetchone()
    assert row is not None
    return str(row[0])


@pytest.mark.parametrize(("password", "first", "second"), SAME)
def test_a_password_is_right_in_each_unicode_form(client: Client, password: str, first: Any, second: Any) -> None:
    assert register(client, unicodedata.normalize(first, password)).status_code == 201
    assert log_in(client, unicodedata.normalize(first, password)) == 200
    assert log_in(client, unicodedata.normalize(second, password)) == 200
    assert log_in(client, password + "x") == 401


def test_each_space_is_a_space(client: Client) -> None:
    register(client, "correct horse battery")
    for space in SPACES:
        assert log_in(client, f"correct{space}horse{space}battery") == 200, ascii(space)
    assert log_in(client, "correcthorsebattery") == 401


@pytest.mark.parametrize(("password", "other"), DIFFERENT)
def test_case_and_width_of_a_password_count(client: Client, password: str, other: str) -> None:
    register(client, password)
    assert (log_in(client, other), log_in(client, password)) == (401, 200)


@pytest.mark.parametrize("character", ["\u200b", "\ufeff", "\ufe0f", "\u202e", "\u0378", "\u00ad"])
def test_a_new_password_with_an_invisible_character_is_refused_with_its_field(
    client: Client, user: User, character: str
) -> None:
    password = f"correct{character}horse"
    change = {"current": user["password"], "new": password}
    replies = [
        (register(client, password), "password"),
        (client.post("/api/auth/password", json=change, headers=user["headers"]), "new"),
    ]
    for reply, field in replies:
        assert (reply.status_code, reply.json()["errors"][0]["field"]) == (422, field)
        assert f"U+{ord(character):04X}" in reply.json()["detail"]
        assert password not in reply.text


def test_the_length_is_that_of_the_form_which_is_hashed(client: Client) -> None:
    # 9 bytes as typed, 6 in its form.
    assert register(client, "e\u0301e\u0301e\u0301").status_code == 422
    assert register(client, "\uac00\uac00\uac00").status_code == 201


@pytest.mark.parametrize(("password", "first", "second"), SAME)
def test_a_hash_of_an_earlier_version_stays_right_and_becomes_one_of_the_form(
    client: Client, db: psycopg.Connection[Any], password: str, first: Any, second: Any
) -> None:
    typed = unicodedata.normalize("NFD", password)
    register(client, "another password")
    raw = keep_raw(db, typed)
    assert log_in(client, typed + "x") == 401
    assert hash_of(db) == raw
    assert log_in(client, typed) == 200
    assert hash_of(db) != raw
    assert [log_in(client, unicodedata.normalize(form, password)) for form in (first, second)] == [200, 200]


def test_an_earlier_hash_of_a_password_that_is_refused_now_stays_right(
    client: Client, db: psycopg.Connection[Any]
) -> None:
    typed = "correct horse \u2764\ufe0f"
    created = register(client, "another password").json()
    raw = keep_raw(db, typed)
    assert [log_in(client, typed), log_in(client, "correct horse \u2764")] == [200, 401]
    assert hash_of(db) == raw
    headers = {"Authorization": f"Bearer {created['access_token']}"}
    change = {"current": typed, "new": "correct horse battery"}
    assert client.post("/api/auth/password", json=change, headers=headers).status_code == 204
    assert log_in(client, "correct horse battery") == 200


def test_a_password_change_takes_the_current_one_in_each_form(client: Client) -> None:
    password = "Müllers Kühe"
    headers = {"Authorization": f"Bearer {register(client, password).json()['access_token']}"}
    change = {"current": unicodedata.normalize("NFD", password), "new": unicodedata.normalize("NFD", "Köln am Rhein")}
    assert client.post("/api/auth/password", json=change, headers=headers).status_code == 204
    assert log_in(client, "Köln am Rhein") == 200


def test_an_admin_has_the_same_rules(client: Client, settings: Settings) -> None:
    add_admin(settings, "Mina", "mina@example.org", unicodedata.normalize("NFD", "Köln am Rhein"))
    assert log_in(client, "Köln am Rhein") == 200
