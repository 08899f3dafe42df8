"""Refresh tokens: a lost reply may be retried at any time, a stolen one ends the login; by body or header."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.aliases import Client, User

pytestmark = [pytest.mark.auth, pytest.mark.api]


def refresh(client: Client, token: str) -> Any:
    return client.post("/api/auth/refresh", json={"refresh_token": token})


def next_token(client: Client, token: str) -> str:
    reply = refresh(client, token)
    assert reply.status_code == 200, reply.text
    successor: str = reply.json()["refresh_token"]
    return successor


def let_pass(db: psycopg.Connection[Any], days: int) -> None:
    """Lets so many days pass for the tokens that exist."""
    db.execute(
        """
        update app.refresh_tokens
        set used_at = used_at - %(passed)s::interval, expires_at = expires_at - %(passed)s::interval
        """,
        {"passed": f"{days} days"},
    )


def test_rotation_gives_working_tokens(client: Client, user: User) -> None:
    reply = refresh(client, user["refresh_token"])
    assert reply.status_code == 200
    body = reply.json()
    assert body["user"] == user["user"]
    assert body["refresh_token"] != user["refresh_token"]
    me = client.get("/api/auth/me", headers={"Authorization": f"Bearer {body['access_token']}"})
    assert me.status_code == 200
    next_token(client, body["refresh_token"])


def test_a_retry_gets_the_same_successor(client: Client, user: User) -> None:
    first = next_token(client, user["refresh_token"])
    assert next_token(client, user["refresh_token"]) == first
    next_token(client, first)


def test_retries_at_once_get_the_same_successor(client: Client, user: User) -> None:
    with ThreadPoolExecutor(8) as threads:
        tokens = set(threads.map(lambda _: next_token(client, user["refresh_token"]), range(8)))
    assert len(tokens) == 1


def test_a_retry_days_later_gets_the_same_successor(client: Client, user: User, db: psycopg.Connection[Any]) -> None:
    successor = next_token(client, user["refresh_token"])
    let_pass(db, 29)
    assert next_token(client, user["refresh_token"]) == successor
    # The first token has expired since, but was used before.
    third = next_token(client, successor)
    let_pass(db, 1)
    assert next_token(client, successor) == third
    me = client.get("/api/auth/me", headers=user["headers"])
    assert me.status_code == 200


def test_lost_replies_of_several_generations(client: Client, user: User, db: psycopg.Connection[Any]) -> None:
    token = user["refresh_token"]
    for _ in range(5):
        lost = [next_token(client, token) for _ in range(3)]
        let_pass(db, 3)
        received = next_token(client, token)
        assert {*lost} == {received}
        token = received
    assert client.get("/api/auth/me", headers=user["headers"]).status_code == 200


def test_a_retry_is_refused_when_the_successor_has_expired(
    client: Client, user: User, db: psycopg.Connection[Any]
) -> None:
    next_token(client, user["refresh_token"])
    let_pass(db, 31)
    reply = refresh(client, user["refresh_token"])
    assert (reply.status_code, reply.json()["type"]) == (401, "urn:koodtx:problem:token-invalid")


class Chain:
    """The tokens of one login, as this page describes them: what each refresh is answered, without a database."""

    def __init__(self, first: str) -> None:
        self.tokens = [first]
        self.is_active = True

    def expected(self, place: int) -> int | None:
        """Returns the place of the token that the token of this place gets; None: it is refused."""
        newest = len(self.tokens) - 1
        if place < newest - 1:
            self.is_active = False
        return place + 1 if self.is_active else None


@settings(max_examples=15)
@given(st.lists(st.integers(0, 3), min_size=1, max_size=12))
def test_any_history_of_refreshes_is_answered_by_the_rule(client: Client, user: User, history: list[int]) -> None:
    """Each step uses the token of so many generations ago."""
    account = {"username": user["username"], "password": user["password"]}
    login = client.post("/api/auth/login", json=account).json()
    chain = Chain(login["refresh_token"])
    for age in history:
        place = max(0, len(chain.tokens) - 1 - age)
        expected = chain.expected(place)
        reply = refresh(client, chain.tokens[place])
        assert reply.status_code == (401 if expected is None else 200)
        if expected is None:
            continue
        if expected == len(chain.tokens):
            chain.tokens.append(reply.json()["refresh_token"])
        assert reply.json()["refresh_token"] == chain.tokens[expected]
    assert len({*chain.tokens}) == len(chain.tokens)


def test_retries_at_once_while_the_successor_is_used_lose_nothing(client: Client, user: User) -> None:
    """Whichever comes first: the successor works, or the login has ended because an older token came after it."""
    second = next_token(client, user["refresh_token"])
    with ThreadPoolExecutor(2) as threads:
        first, later = threads.map(lambda token: refresh(client, token), (user["refresh_token"], second))
    if first.status_code == 200:
        assert first.json()["refresh_token"] == second
        assert later.status_code == 200
    else:
        assert refresh(client, second).status_code == 401


def test_an_older_token_ends_the_login_at_once(client: Client, user: User) -> None:
    second = next_token(client, user["refresh_token"])
    third = next_token(client, second)
    assert refresh(client, user["refresh_token"]).status_code == 401
    assert refresh(client, third).status_code == 401


def test_another_login_of_the_user_continues(client: Client, user: User) -> None:
    other = client.post("/api/auth/login", json={"username": user["username"], "password": user["password"]}).json()
    next_token(client, next_token(client, user["refresh_token"]))
    assert refresh(client, user["refresh_token"]).status_code == 401
    assert refresh(client, other["refresh_token"]).status_code == 200


def test_an_expired_token_is_refused(client: Client, user: User, db: psycopg.Connection[Any]) -> None:
    db.execute("update app.refresh_tokens set expires_at = now()")
    assert refresh(client, user["refresh_token"]).status_code == 401


def test_a_token_of_an_inactive_user_is_refused(client: Client, user: User, db: psycopg.Connection[Any]) -> None:
    db.execute("update app.users set is_active = false")
    assert refresh(client, user["refresh_token"]).status_code == 401


def test_unknown_tokens_are_refused(client: Client, user: User) -> None:
    for token in ("x", "a" * 43, "\u20ac", "a b"):
        assert refresh(client, token).status_code == 401
    # Longer than any refresh token.
    assert refresh(client, user["access_token"]).status_code == 422


def test_only_hashes_of_tokens_are_stored(client: Client, user: User, db: psycopg.Connection[Any]) -> None:
    rows = db.execute("select token_hash, to_jsonb(t)::text from app.refresh_tokens as t").fetchall()
    assert [len(row[0]) for row in rows] == [32]
    assert user["refresh_token"] not in rows[0][1]


def test_expired_tokens_are_deleted(client: Client, user: User, db: psycopg.Connection[Any]) -> None:
    second = next_token(client, user["refresh_token"])
    db.execute("update app.refresh_tokens set expires_at = now() where generation = 1")
    next_token(client, second)
    assert db.execute("select array_agg(generation order by generation) from app.refresh_tokens").fetchone() == (
        [2, 3],
    )
    db.execute("update app.refresh_tokens set expires_at = now()")
    client.post("/api/auth/login", json={"username": user["username"], "password": user["password"]})
    assert db.execute("select count(*) from app.logins").fetchone() == (1,)


def test_logout_ends_the_login_and_is_repeatable(client: Client, user: User) -> None:
    token = {"refresh_token": user["refresh_token"]}
    assert [client.post("/api/auth/logout", json=token).status_code for _ in range(2)] == [204, 204]
    assert client.post("/api/auth/refresh", json=token).status_code == 401
    assert client.post("/api/auth/logout", json={"refresh_token": "unknown"}).status_code == 204


def test_logout_works_with_a_used_token_too(client: Client, user: User) -> None:
    successor = next_token(client, user["refresh_token"])
    client.post("/api/auth/logout", json={"refresh_token": user["refresh_token"]})
    assert refresh(client, successor).status_code == 401


def by_header(client: Client, token: str, path: str = "refresh", **more: Any) -> Any:
    return client.post(f"/api/auth/{path}", headers={"Authorization": f"Bearer {token}"}, **more)


def test_a_refresh_by_header_is_one_by_body(client: Client, user: User) -> None:
    successor = by_header(client, user["refresh_token"]).json()["refresh_token"]
    assert next_token(client, user["refresh_token"]) == successor
    for body in ({}, {"refresh_token": user["refresh_token"]}):
        assert by_header(client, user["refresh_token"], json=body).json()["refresh_token"] == successor
    assert by_header(client, successor).status_code == 200


def test_a_logout_by_header(client: Client, user: User) -> None:
    assert [by_header(client, user["refresh_token"], "logout").status_code for _ in range(2)] == [204, 204]
    assert refresh(client, user["refresh_token"]).status_code == 401


@pytest.mark.parametrize("path", ["refresh", "logout"])
def test_two_tokens_that_differ_are_refused_and_neither_is_used(client: Client, user: User, path: str) -> None:
    login = client.post("/api/auth/login", json={"username": user["username"], "password": user["password"]}).json()
    for other in (login["refresh_token"], "x"):
        reply = by_header(client, other, path, json={"refresh_token": user["refresh_token"]})
        assert (reply.status_code, reply.json()["errors"][0]["field"]) == (422, "refresh_token")
    for token in (user["refresh_token"], login["refresh_token"]):
        next_token(client, next_token(client, token))


def test_an_access_token_in_the_header_does_not_count_beside_a_body(client: Client, user: User) -> None:
    """Many clients send it with every request, also when it has expired."""
    for access_token in (user["access_token"], user["access_token"][:-1]):
        reply = by_header(client, access_token, json={"refresh_token": user["refresh_token"]})
        assert reply.status_code == 200
    assert by_header(client, user["access_token"]).status_code == 401
    assert by_header(client, user["access_token"], "logout").status_code == 204
    assert client.get("/api/auth/me", headers=user["headers"]).status_code == 200


@pytest.mark.parametrize("path", ["refresh", "logout"])
@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer"}, {"Authorization": "Basic dTpw"}, {"Content-Type": "application/json"}]
)
def test_a_request_without_a_token_names_the_field(client: Client, path: str, headers: dict[str, str]) -> None:
    for content in (b"", b"{}", b"null"):
        sent = headers | ({"Content-Type": "application/json"} if content else {})
        reply = client.post(f"/api/auth/{path}", content=content, headers=sent)
        assert (reply.status_code, reply.json()["errors"][0]["field"]) == (422, "refresh_token")
        assert "missing" in reply.json()["detail"]
