"""Identities are linked only by who is logged in, and the last way to log in stays."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from koodtx.accounts.openid.store import MAX_IDENTITIES
from tests.accounts.openid.requests import headers_of, link, log_in, logged_in, problem_of
from tests.support.aliases import Client, CreateUser, Db, User
from tests.support.openid_issuer import OpenidIssuer
from tests.support.requests import log_in as log_in_by_password
from tests.support.waiting import wait_until

NO_LOGIN = uuid4()

pytestmark = [pytest.mark.auth, pytest.mark.api]


def identities(client: Client, headers: dict[str, str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get("/api/auth/identities", headers=headers).json()["identities"]
    return found


def test_after_linking_the_identity_logs_in_to_the_account(
    client: Client, create_user: CreateUser, issuer: OpenidIssuer
) -> None:
    mina = create_user("mina")
    token = issuer.token(email="mina@example.org", email_verified=True)
    assert problem_of(log_in(client, token)) == (409, "link-required")

    linked = link(client, token, mina["headers"])
    assert linked.status_code == 201
    assert (linked.json()["issuer"], linked.json()["email"]) == (issuer.url, "mina@example.org")
    assert linked.json()["last_login_at"] is None
    assert logged_in(client, token)["user"] == mina["user"]

    found = client.get("/api/auth/identities", headers=mina["headers"]).json()
    assert found["has_password"] is True
    assert [identity["identity_id"] for identity in found["identities"]] == [linked.json()["identity_id"]]
    assert found["identities"][0]["last_login_at"] is not None


def test_linking_again_changes_nothing(client: Client, user: User, issuer: OpenidIssuer) -> None:
    first, second = (link(client, issuer.token(), user["headers"]).json() for _ in range(2))
    assert first == second
    assert len(identities(client, user["headers"])) == 1


def test_an_identity_of_another_account_is_not_linked(
    client: Client, create_user: CreateUser, issuer: OpenidIssuer
) -> None:
    owner = logged_in(client, issuer.token())
    thief = create_user("thief")
    assert problem_of(link(client, issuer.token(), thief["headers"])) == (409, "identity-taken")
    assert identities(client, thief["headers"]) == []
    assert logged_in(client, issuer.token())["user"] == owner["user"]


def test_without_a_login_nothing_is_linked(client: Client, issuer: OpenidIssuer, db: Db) -> None:
    assert problem_of(link(client, issuer.token(), {})) == (401, "not-authenticated")
    assert db.execute("select * from app.identities").fetchall() == []


def test_a_token_that_is_not_valid_does_not_end_the_login(client: Client, user: User, issuer: OpenidIssuer) -> None:
    """A 401 would have clients refresh their tokens, and then log the user out."""
    for token in ("garbage", issuer.token(aud="another app")):
        reply = link(client, token, user["headers"])
        assert problem_of(reply) == (422, "invalid")
        assert [error["field"] for error in reply.json()["errors"]] == ["id_token"]


def test_identities_of_several_issuers(client: Client, user: User, issuer: OpenidIssuer, other: OpenidIssuer) -> None:
    for token in (issuer.token(), issuer.token(sub="second"), other.token()):
        assert link(client, token, user["headers"]).status_code == 201
    assert [identity["issuer"] for identity in identities(client, user["headers"])] == [
        issuer.url,
        issuer.url,
        other.url,
    ]
    for token, path in ((issuer.token(sub="second"), "google"), (other.token(), "openid")):
        assert logged_in(client, token, path=path)["user"] == user["user"]


def test_an_account_has_a_maximum_of_identities(client: Client, user: User, issuer: OpenidIssuer) -> None:
    tokens = [issuer.token(sub=str(number)) for number in range(MAX_IDENTITIES + 3)]
    with ThreadPoolExecutor(4) as threads:
        replies = list(threads.map(lambda token: link(client, token, user["headers"]), tokens))
    assert sorted(reply.status_code for reply in replies) == [201] * MAX_IDENTITIES + [409] * 3
    full = next(reply for reply in replies if reply.status_code == 409)
    assert problem_of(full) == (409, "limit-reached")


def test_a_removed_identity_does_not_log_in_any_more(
    client: Client, create_user: CreateUser, issuer: OpenidIssuer
) -> None:
    mina = create_user("mina")
    identity_id = link(client, issuer.token(), mina["headers"]).json()["identity_id"]
    by_identity = headers_of(logged_in(client, issuer.token(), device_id="of a thief"))
    tablet = log_in_by_password(client, mina, "tablet")

    assert client.delete(f"/api/auth/identities/{identity_id}", headers=mina["headers"]).status_code == 204
    assert identities(client, mina["headers"]) == []
    for ended in (by_identity, tablet):
        wait_until(lambda ended=ended: client.get("/api/auth/me", headers=ended).status_code == 401, 6)
    assert client.get("/api/auth/me", headers=mina["headers"]).status_code == 200
    assert logged_in(client, issuer.token())["user"]["id"] != mina["user"]["id"]
    again = client.delete(f"/api/auth/identities/{identity_id}", headers=mina["headers"])
    assert problem_of(again) == (404, "not-found")


def test_the_last_way_to_log_in_stays(client: Client, issuer: OpenidIssuer) -> None:
    headers = headers_of(logged_in(client, issuer.token()))
    link(client, issuer.token(sub="second"), headers)
    first, second = (identity["identity_id"] for identity in identities(client, headers))
    assert client.get("/api/auth/identities", headers=headers).json()["has_password"] is False
    assert client.delete(f"/api/auth/identities/{first}", headers=headers).status_code == 204
    assert problem_of(client.delete(f"/api/auth/identities/{second}", headers=headers)) == (409, "last-login")
    assert logged_in(client, issuer.token(sub="second"))["user"]["id"] > 0


def test_of_removals_at_once_one_identity_stays(client: Client, issuer: OpenidIssuer) -> None:
    headers = headers_of(logged_in(client, issuer.token()))
    for number in range(3):
        link(client, issuer.token(sub=str(number)), headers)
    paths = [f"/api/auth/identities/{identity['identity_id']}" for identity in identities(client, headers)]
    with ThreadPoolExecutor(4) as threads:
        replies = list(threads.map(lambda path: client.delete(path, headers=headers), paths))
    assert sorted(reply.status_code for reply in replies) == [204, 204, 204, 409]
    assert len(identities(client, headers)) == 1


def test_a_removal_waits_for_one_that_is_not_committed(
    client: Client, issuer: OpenidIssuer, db: Db, database_url: str
) -> None:
    answer = logged_in(client, issuer.token())
    link(client, issuer.token(sub="second"), headers_of(answer))
    removals = [
        (answer["user"]["id"], identity["identity_id"], NO_LOGIN) for identity in identities(client, headers_of(answer))
    ]
    query = "select app.unlink_identity(%s, %s, %s)"
    with psycopg.connect(database_url) as first, ThreadPoolExecutor(1) as threads:
        assert first.execute(query, removals[0]).fetchone() == ("done",)
        second = threads.submit(lambda: db.execute(query, removals[1]).fetchone())
        wait_until(lambda: second.done() or first.execute("select 1 from pg_locks where not granted").fetchone())
        first.commit()
        assert second.result() == ("last",)


def test_another_users_identity_is_not_removed(client: Client, create_user: CreateUser, issuer: OpenidIssuer) -> None:
    mina, joon = create_user("mina"), create_user("joon")
    identity_id = link(client, issuer.token(), mina["headers"]).json()["identity_id"]
    for wanted in (identity_id, uuid4()):
        reply = client.delete(f"/api/auth/identities/{wanted}", headers=joon["headers"])
        assert problem_of(reply) == (404, "not-found")
    assert len(identities(client, mina["headers"])) == 1


def test_a_link_and_first_logins_at_once_give_one_user(
    client: Client, create_user: CreateUser, issuer: OpenidIssuer, db: Db
) -> None:
    for number in range(6):
        mina, token = create_user(f"mina{number}"), issuer.token(sub=f"person {number}")
        with ThreadPoolExecutor(4) as threads:
            logins = [threads.submit(log_in, client, token) for _ in range(3)]
            linked = threads.submit(link, client, token, mina["headers"]).result()
        users = {login.result().json()["user"]["id"] for login in logins}
        assert len(users) == 1
        assert (linked.status_code == 201) == (users == {mina["user"]["id"]})
        assert linked.status_code in (201, 409)
    row = db.execute("select count(*), count(distinct subject) from app.identities").fetchone()
    assert row == (6, 6)


@pytest.mark.usefixtures("within_a_minute")
@pytest.mark.parametrize("settings", [{"logins_per_minute": 3}], indirect=True)
def test_linking_is_limited(client: Client, user: User) -> None:
    statuses = [link(client, "garbage", user["headers"]).status_code for _ in range(4)]
    assert statuses == [422, 422, 422, 429]
