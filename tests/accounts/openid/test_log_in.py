"""Log in with an ID token: the first login of an identity creates an account, and later ones find it."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koodtx.accounts.openid.id_tokens import Claims
from koodtx.accounts.openid.profile import display_name, username_candidates, verified_email
from koodtx.accounts.validation import checked_username
from tests.accounts.openid.requests import headers_of, log_in, logged_in, problem_of
from tests.support.aliases import Client, CreateUser, Db
from tests.support.openid_issuer import OpenidIssuer
from tests.support.settings import PASSWORD

pytestmark = [pytest.mark.auth, pytest.mark.api]

MINA = {"email": "mina@example.org", "email_verified": True, "name": "Mina Kim"}


def count_users(db: Db) -> int:
    row = db.execute("select count(*) from app.users").fetchone()
    assert row is not None
    return int(row[0])


def test_the_first_login_creates_an_account_and_later_ones_find_it(
    client: Client, issuer: OpenidIssuer, db: Db
) -> None:
    first = logged_in(client, issuer.token(**MINA), device_id="pixel", timezone="Asia/Seoul")
    user = first["user"]
    assert (user["username"], user["email"], user["name"]) == ("mina", "mina@example.org", "Mina Kim")
    assert (user["role"], user["timezone"]) == ("user", "Asia/Seoul")
    assert client.get("/api/auth/me", headers=headers_of(first)).json() == user

    # Another address, another name: the same `sub` is the same person.
    again = logged_in(client, issuer.token(email="new@example.org", email_verified=True), timezone="UTC")
    assert again["user"] == user
    assert again["refresh_token"] != first["refresh_token"]
    devices = client.get("/api/auth/devices", headers=headers_of(again)).json()["devices"]
    assert [device["device_id"] for device in devices] == ["pixel", "default"]
    assert client.post("/api/auth/refresh", json={"refresh_token": again["refresh_token"]}).status_code == 200
    assert count_users(db) == 1


def test_the_account_has_no_password(client: Client, issuer: OpenidIssuer, db: Db) -> None:
    logged_in(client, issuer.token(**MINA))
    assert db.execute("select password_hash from app.users").fetchall() == [(None,)]
    for password in (PASSWORD, "null", "x" * 8):
        reply = client.post("/api/auth/login", json={"username": "mina", "password": password})
        assert problem_of(reply) == (401, "wrong-credentials")


def test_another_subject_or_issuer_is_another_person(client: Client, issuer: OpenidIssuer, other: OpenidIssuer) -> None:
    answers = [
        logged_in(client, issuer.token()),
        logged_in(client, issuer.token(sub="2")),
        logged_in(client, other.token(), path="openid"),
    ]
    assert len({answer["user"]["id"] for answer in answers}) == 3


def test_google_is_accepted_at_both_paths_and_others_at_theirs_only(
    client: Client, issuer: OpenidIssuer, other: OpenidIssuer
) -> None:
    at_google, at_openid = (logged_in(client, issuer.token(), path=path) for path in ("google", "openid"))
    assert at_google["user"] == at_openid["user"]
    assert problem_of(log_in(client, other.token())) == (401, "id-token-invalid")


def test_google_may_leave_out_the_scheme_of_its_name(client: Client, issuer: OpenidIssuer, other: OpenidIssuer) -> None:
    without_scheme = issuer.url.removeprefix("http://")
    answers = [logged_in(client, issuer.token(iss=name)) for name in (issuer.url, without_scheme)]
    assert answers[0]["user"] == answers[1]["user"]
    short = other.token(iss=other.url.removeprefix("http://"))
    assert problem_of(log_in(client, short, path="openid")) == (401, "id-token-invalid")


@pytest.mark.parametrize("settings", [{"google_client_ids": "", "openid_issuers": ""}], indirect=True)
@pytest.mark.parametrize("path", ["google", "openid"])
def test_without_issuers_it_is_not_offered(client: Client, issuer: OpenidIssuer, path: str) -> None:
    assert problem_of(log_in(client, issuer.token(), path=path)) == (404, "login-not-offered")
    assert issuer.requests == []


@pytest.mark.parametrize("verified", [None, False, "false", 1, "yes", [True]])
def test_an_address_that_is_not_verified_is_not_used(
    client: Client, create_user: CreateUser, issuer: OpenidIssuer, verified: Any
) -> None:
    create_user("mina")
    token = issuer.token(email="mina@example.org", email_verified=verified)
    user = logged_in(client, token)["user"]
    assert user["email"] is None
    assert user["username"] != "mina"


@pytest.mark.parametrize("spelling", ["mina@example.org", "MINA@Example.ORG", "\uff4dina@example.org"])
def test_an_address_that_another_account_has_links_nothing(
    client: Client, create_user: CreateUser, issuer: OpenidIssuer, db: Db, spelling: str
) -> None:
    create_user("mina")
    reply = log_in(client, issuer.token(email=spelling, email_verified="true"))
    assert problem_of(reply) == (409, "link-required")
    assert "log in to it" in reply.json()["detail"]
    assert count_users(db) == 1
    assert db.execute("select * from app.identities").fetchall() == []


def test_a_name_that_is_taken_gets_a_number(client: Client, create_user: CreateUser, issuer: OpenidIssuer) -> None:
    create_user("mina")
    tokens = [issuer.token(sub=str(n), email=f"MINA@{n}.example.org", email_verified=True) for n in range(3)]
    names = [logged_in(client, token)["user"]["username"] for token in tokens]
    assert all(name.startswith("MINA-") for name in names)
    assert len(set(names)) == 3


@pytest.mark.parametrize(
    ("claims", "username", "name"),
    [
        ({}, None, None),
        ({"preferred_username": "joon"}, "joon", None),
        ({"preferred_username": "joon@corp.example.org", "name": "김준"}, "joon", "김준"),
        ({"name": "김미나"}, "김미나", "김미나"),
        ({"name": "  "}, None, None),
        ({"name": "a\0b"}, None, None),
        ({"name": "x" * 201}, None, None),
        ({"name": "x" * 100}, "x" * 64, "x" * 100),
        ({"preferred_username": 7, "name": ["a"]}, None, None),
        ({"preferred_username": "\u202egnp", "name": "\u0440aypal"}, None, "\u0440aypal"),
    ],
)
def test_names_are_those_of_the_issuer_if_they_are_valid(
    client: Client, issuer: OpenidIssuer, claims: dict[str, Any], username: str | None, name: str | None
) -> None:
    user = logged_in(client, issuer.token(**claims))["user"]
    assert user["name"] == name
    assert user["username"] == username if username else user["username"].startswith("user-")


def test_a_deactivated_user_is_answered_as_by_the_login_with_a_password(
    client: Client, create_user: CreateUser, issuer: OpenidIssuer, db: Db
) -> None:
    logged_in(client, issuer.token())
    create_user("joon")
    db.execute("update app.users set is_active = false")
    by_token = log_in(client, issuer.token())
    by_password = client.post("/api/auth/login", json={"username": "joon", "password": PASSWORD})
    bodies = [reply.json() | {"request_id": ""} for reply in (by_token, by_password)]
    assert by_token.status_code == by_password.status_code == 401
    assert bodies[0] == bodies[1]


def test_first_logins_at_once_create_one_account(client: Client, issuer: OpenidIssuer, db: Db) -> None:
    for round_no in range(5):
        token = issuer.token(sub=f"person {round_no}", email=f"p{round_no}@example.org", email_verified=True)
        with ThreadPoolExecutor(8) as threads:
            replies = list(threads.map(lambda _, token=token: log_in(client, token), range(8)))
        assert [reply.status_code for reply in replies] == [200] * 8
        assert len({reply.json()["user"]["id"] for reply in replies}) == 1
    assert count_users(db) == 5


def test_of_two_persons_with_one_address_at_once_one_gets_it(client: Client, issuer: OpenidIssuer, db: Db) -> None:
    tokens = [issuer.token(sub=str(n), email="shared@example.org", email_verified=True) for n in range(6)]
    with ThreadPoolExecutor(6) as threads:
        replies = list(threads.map(lambda token: log_in(client, token), tokens))
    assert sorted(reply.status_code for reply in replies) == [200] + [409] * 5
    assert count_users(db) == 1


@pytest.mark.parametrize("timezone", ["Mars/Olympus", "", "../UTC"])
def test_a_time_zone_that_does_not_exist_is_refused(
    client: Client, issuer: OpenidIssuer, timezone: str, db: Db
) -> None:
    reply = log_in(client, issuer.token(), timezone=timezone)
    assert problem_of(reply) == (422, "invalid")
    assert reply.json()["errors"][0]["field"] == "timezone"
    assert count_users(db) == 0


@pytest.mark.usefixtures("within_a_minute")
@pytest.mark.parametrize("settings", [{"logins_per_minute_address": 3}], indirect=True)
def test_an_address_is_limited_before_tokens_are_read(client: Client, issuer: OpenidIssuer) -> None:
    statuses = [log_in(client, "garbage", path=path).status_code for path in ("google", "openid", "google", "openid")]
    assert statuses == [401, 401, 401, 429]
    assert log_in(client, issuer.token()).status_code == 429


@pytest.mark.usefixtures("within_a_minute")
@pytest.mark.parametrize("settings", [{"logins_per_minute": 3}], indirect=True)
def test_an_identity_is_limited_as_an_account_is(client: Client, issuer: OpenidIssuer) -> None:
    statuses = [log_in(client, issuer.token()).status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    assert log_in(client, issuer.token(sub="somebody else")).status_code == 200


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.emails(),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(), children, max_size=3),
    max_leaves=5,
)


@pytest.mark.unit
@given(email=JSON, email_verified=st.booleans() | JSON, preferred_username=JSON, name=JSON)
def test_whatever_describes_a_person_an_account_may_have_it(**described: Any) -> None:
    claims = Claims(iss="i", sub="s", aud="a", exp=0, iat=0, **described)
    names = list(username_candidates(claims))
    assert names[-1].startswith("user-")
    for name in names:
        assert checked_username(name) == name
        assert 1 <= len(name) <= 64
    email, shown = verified_email(claims), display_name(claims)
    assert email is None or described["email_verified"] is True or described["email_verified"] == "true"
    assert "\0" not in f"{email} {shown}"
