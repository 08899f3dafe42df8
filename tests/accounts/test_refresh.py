"""Refresh tokens: single use, a lost reply may be retried, a stolen one ends the log-in."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from tests.support.aliases import Client, User

pytestmark = [pytest.mark.auth, pytest.mark.api]


def refresh(client: Client, token: str) -> Any:
    return client.post("/api/auth/refresh", json={"refresh_token": token})


def next_token(client: Client, token: str) -> str:
    reply = refresh(client, token)
    assert reply.status_code == 200, reply.text
    successor: str = reply.json()["refresh_token"]
    return successor


def use_long_ago(db: psycopg.Connection[Any]) -> None:
    db.execute("update app.refresh_tokens set used_at = used_at - interval '31 seconds'")


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


def test_a_retry_after_30_s_ends_the_log_in(client: Client, user: User, db: psycopg.Connection[Any]) -> None:
    successor = next_token(client, user["refresh_token"])
    use_long_ago(db)
    reply = refresh(client, user["refresh_token"])
    assert reply.status_code == 401
    assert reply.json()["type"] == "urn:koodtx:problem:token-invalid"
    assert refresh(client, successor).status_code == 401


def test_an_older_one_ends_the_log_in_at_once(client: Client, user: User) -> None:
    second = next_token(client, user["refresh_token"])
    third = next_token(client, second)
    assert refresh(client, user["refresh_token"]).status_code == 401
    assert refresh(client, third).status_code == 401


def test_another_log_in_goes_on(client: Client, user: User) -> None:
    other = client.post("/api/auth/login", json={"username": user["username"], "password": user["password"]}).json()
    next_token(client, next_token(client, user["refresh_token"]))
    assert refresh(client, user["refresh_token"]).status_code == 401
    assert refresh(client, other["refresh_token"]).status_code == 200


def test_an_expired_one_is_refused(client: Client, user: User, db: psycopg.Connection[Any]) -> None:
    db.execute("update app.refresh_tokens set expires_at = now()")
    assert refresh(client, user["refresh_token"]).status_code == 401


def test_of_an_inactive_user_it_is_refused(client: Client, user: User, db: psycopg.Connection[Any]) -> None:
    db.execute("update app.users set is_active = false")
    assert refresh(client, user["refresh_token"]).status_code == 401


def test_unknown_ones_are_refused(client: Client, user: User) -> None:
    for token in ("x", "a" * 43, "\u20ac", "a b"):
        assert refresh(client, token).status_code == 401
    # Longer than any refresh token.
    assert refresh(client, user["access_token"]).status_code == 422


def test_only_hashes_are_kept(client: Client, user: User, db: psycopg.Connection[Any]) -> None:
    rows = db.execute("select token_hash, to_jsonb(t)::text from app.refresh_tokens as t").fetchall()
    assert [len(row[0]) for row in rows] == [32]
    assert user["refresh_token"] not in rows[0][1]


def test_expired_ones_are_forgotten(client: Client, user: User, db: psycopg.Connection[Any]) -> None:
    second = next_token(client, user["refresh_token"])
    db.execute("update app.refresh_tokens set expires_at = now() where generation = 1")
    next_token(client, second)
    assert db.execute("select array_agg(generation order by generation) from app.refresh_tokens").fetchone() == (
        [2, 3],
    )
    db.execute("update app.refresh_tokens set expires_at = now()")
    client.post("/api/auth/login", json={"username": user["username"], "password": user["password"]})
    assert db.execute("select count(*) from app.logins").fetchone() == (1,)


def test_log_out_ends_the_log_in_and_may_be_repeated(client: Client, user: User) -> None:
    token = {"refresh_token": user["refresh_token"]}
    assert [client.post("/api/auth/logout", json=token).status_code for _ in range(2)] == [204, 204]
    assert client.post("/api/auth/refresh", json=token).status_code == 401
    assert client.post("/api/auth/logout", json={"refresh_token": "unknown"}).status_code == 204


def test_log_out_works_by_a_used_token_too(client: Client, user: User) -> None:
    successor = next_token(client, user["refresh_token"])
    client.post("/api/auth/logout", json={"refresh_token": user["refresh_token"]})
    assert refresh(client, successor).status_code == 401
