"""A change of KOODTX_SECRET_KEY: what was signed before works until the old key is removed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import msgspec
import pytest
from litestar.testing import TestClient

from koodtx.settings import Settings
from tests.support.aliases import Client
from tests.support.apps import app_with
from tests.support.requests import push, push_body, register

pytestmark = [pytest.mark.auth, pytest.mark.api]

OLD = "the first secret of the tests with 32 characters or more"
NEW = "the next secret of the tests with 32 characters or more"

Serve = Callable[..., Any]


class Given(NamedTuple):
    """What a client was given before the change."""

    headers: dict[str, str]
    cursor: str
    ticket: str
    refresh_token: str
    next_refresh_token: str


@pytest.fixture
def serve(settings: Settings) -> Serve:
    """A client of the service with these keys; on one database, one after the other."""

    @contextmanager
    def serve(secret_key: str, old: str = "") -> Iterator[Client]:
        changed = msgspec.structs.replace(settings, secret_key=secret_key, old_secret_keys=old)
        with TestClient(app_with(changed), raise_server_exceptions=False) as client:
            yield client

    return serve


@pytest.fixture
def given(serve: Serve, sensor_data_batch: list[Any]) -> Given:
    with serve(OLD) as client:
        user = register(client, "someone", "phone")
        push(client, user["headers"], push_body(sensor_data_batch, "walk", end_time="2025-10-09T09:00:00Z"))
        cursor = client.post("/api/sync/pull", json={"cursor": None}, headers=user["headers"]).json()["cursor"]
        reply = client.post("/api/auth/refresh", json={"refresh_token": user["refresh_token"]}).json()
        ticket = client.post("/api/v1/tickets", headers=user["headers"]).json()["ticket"]
    return Given(user["headers"], cursor, ticket, user["refresh_token"], reply["refresh_token"])


def pulled(client: Client, given: Given, headers: dict[str, str] | None = None) -> Any:
    return client.post("/api/sync/pull", json={"cursor": given.cursor}, headers=headers or given.headers)


def job_events(client: Client, given: Given, headers: dict[str, str]) -> int:
    """The status of an event stream that the ticket opens: of a job that has ended, so that it ends too."""
    question = {"kind": "calculate_session_metrics", "session_id": "walk"}
    job_id = client.post("/api/v1/analysis", json=question, headers=headers).json()["job_id"]
    client.delete(f"/api/v1/analysis/{job_id}", headers=headers)
    events = f"/api/v1/jobs/{job_id}/events?token={given.ticket}"
    status: int = client.get(events, headers={"Last-Event-ID": "1000000"}).status_code
    return status


def test_all_is_accepted_after_a_change_of_the_key(serve: Serve, given: Given) -> None:
    with serve(NEW, f"{'z' * 40}, {OLD}") as client:
        assert client.get("/api/auth/me", headers=given.headers).status_code == 200
        assert pulled(client, given).json()["sessions"] == []
        assert job_events(client, given, given.headers) == 204


def test_nothing_is_accepted_without_the_old_key(serve: Serve, given: Given) -> None:
    with serve(NEW) as client:
        assert client.get("/api/auth/me", headers=given.headers).status_code == 401
        # The refresh token is random: who has it gets tokens of the new key.
        reply = client.post("/api/auth/refresh", json={"refresh_token": given.next_refresh_token})
        headers = {"Authorization": f"Bearer {reply.json()['access_token']}"}
        refused = pulled(client, given, headers)
        assert (refused.status_code, refused.json()["type"]) == (400, "urn:koodtx:problem:cursor-invalid")
        # A ticket is looked up in the database as well, where it lives for 30 s.
        assert job_events(client, given, headers) == 204


def test_the_new_key_signs(serve: Serve, given: Given) -> None:
    with serve(NEW, OLD) as client:
        reply = client.post("/api/auth/refresh", json={"refresh_token": given.next_refresh_token}).json()
    with serve(NEW) as client:
        headers = {"Authorization": f"Bearer {reply['access_token']}"}
        assert client.get("/api/auth/me", headers=headers).status_code == 200
    with serve(OLD) as client:
        assert client.get("/api/auth/me", headers=headers).status_code == 401


def test_a_refresh_whose_reply_was_lost_is_retried_across_the_change(serve: Serve, given: Given) -> None:
    with serve(NEW, OLD) as client:
        reply = client.post("/api/auth/refresh", json={"refresh_token": given.refresh_token})
        assert reply.json()["refresh_token"] == given.next_refresh_token
        assert client.post("/api/auth/refresh", json={"refresh_token": given.next_refresh_token}).status_code == 200


def test_such_a_retry_without_the_old_key_is_refused_and_ends_no_login(serve: Serve, given: Given) -> None:
    with serve(NEW) as client:
        assert client.post("/api/auth/refresh", json={"refresh_token": given.refresh_token}).status_code == 401
        assert client.post("/api/auth/refresh", json={"refresh_token": given.next_refresh_token}).status_code == 200
