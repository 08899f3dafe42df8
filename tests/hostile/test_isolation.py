"""Two users never see each other's anything."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.hostile.surface import ENDLESS, NO_JOB, operations
from tests.support.aliases import Client

pytestmark = [pytest.mark.api, pytest.mark.auth]

Users = tuple[dict[str, Any], dict[str, Any]]

CANARIES = ("canary-anna", "canary-boris")
START = "2025-10-09T08:53:20Z"


@pytest.fixture
def users(client: Client, create_user: Callable[..., dict[str, Any]], db: psycopg.Connection[Any]) -> Users:
    """Two users, whose every text is a canary of their own."""
    anna, boris = (create_user(canary, device_id=f"{canary}-device") for canary in CANARIES)
    for canary, account in zip(CANARIES, (anna, boris), strict=True):
        headers = account["headers"]
        client.patch("/api/auth/me", json={"name": canary}, headers=headers)
        for session_id in (canary, "shared", f"{canary}-deleted"):
            item = {"sensor_type": f"{canary}-sensor", "timestamp": 1_760_000_000_000, "data": {"label": canary}}
            session = {"session_id": session_id, "start_time": START, "notes": canary, "enabled_sensors": [canary]}
            session |= {"units": {f"{canary}-sensor": "g"}, "device": {"model": canary, "app_version": canary}}
            body = {"session": session, "sensor_data": [item], "push_id": canary}
            assert client.post("/api/sync/push", json=body, headers=headers).status_code == 200
        label = {"label": canary, "from": START, "to": "2025-10-09T09:00:00Z", "source": canary}
        reply = client.put("/api/sessions/shared/labels", json={"labels": [label]}, headers=headers)
        assert reply.status_code == 200
        client.delete(f"/api/sessions/{canary}-deleted", headers=headers)
        db.execute(
            "insert into app.identities (user_id, issuer, subject, email) values (%s, 'https://a.org', %s, %s)",
            [account["user"]["id"], canary, f"{canary}@example.org"],
        )
        question = {"kind": "detect_anomalies", "session_id": canary}
        account["job_id"] = client.post("/api/v1/analysis", json=question, headers=headers).json()["job_id"]
        db.execute(
            "update app.jobs set status = 'completed', version = 2, result = %s, finished_at = now() where id = %s",
            [Jsonb({"session_id": canary}), account["job_id"]],
        )
    return anna, boris


def everything(client: Client, account: dict[str, Any], job_ids: list[str]) -> str:
    """All replies to all that a user can ask without changing anything, also by the other's ids."""
    headers = account["headers"]
    ids = [*CANARIES, "shared", *(f"{canary}-deleted" for canary in CANARIES)]
    urls = {
        operation.url(session_id=session_id, job_id=job_id, sensor=f"{account['username']}-sensor")
        for operation in operations(client)
        if operation.method == "GET" and operation.path.startswith("/api") and operation.path != ENDLESS
        for session_id in ids
        for job_id in job_ids
    } | {f"/api/v1/analysis/history?before={job_id}" for job_id in job_ids}
    replies = [client.get(url, headers=headers) for url in sorted(urls)]
    pulls: list[dict[str, Any]] = [{}, {"cursor": None}, {"session_ids": ids}, {"own": False}, {"include_data": False}]
    replies += [client.post("/api/sync/pull", json=body, headers=headers) for body in pulls]
    return "".join(reply.text for reply in replies)


@pytest.mark.parametrize(("me", "other"), [(0, 1), (1, 0)])
def test_no_reply_holds_anything_of_another(client: Client, users: Users, me: int, other: int) -> None:
    seen = everything(client, users[me], [account["job_id"] for account in users])
    assert CANARIES[me] in seen
    assert CANARIES[other] not in seen


def test_page_after_anothers_job_tells_nothing(client: Client, users: Users) -> None:
    """A page begins after a job of one's own: another's is like one that never was, whichever is older."""
    for me, other in (users, users[::-1]):
        pages = [
            client.get(f"/api/v1/analysis/history?before={job_id}", headers=me["headers"]).json() | {"request_id": ""}
            for job_id in (other["job_id"], NO_JOB)
        ]
        assert pages[0] == pages[1]


def test_job_of_another_stays_as_it_is(client: Client, users: Users) -> None:
    anna, boris = users
    url = f"/api/v1/analysis/{boris['job_id']}"
    before = client.get(url, headers=boris["headers"]).json()
    for method, path in (("DELETE", url), ("POST", f"/api/v1/admin/jobs/{boris['job_id']}/cancel")):
        assert client.request(method, path, headers=anna["headers"]).status_code in (403, 404)
    question = {"kind": "detect_anomalies", "session_id": CANARIES[1]}
    assert client.post("/api/v1/analysis", json=question, headers=anna["headers"]).status_code == 404
    assert client.get(url, headers=boris["headers"]).json() == before


def test_ticket_opens_only_what_is_ones_own(client: Client, users: Users) -> None:
    anna, boris = users
    for account, status in ((anna, 404), (boris, 200)):
        ticket = client.post("/api/v1/tickets", headers=account["headers"]).json()["ticket"]
        url = f"/api/v1/analysis/{boris['job_id']}/events?token={ticket}"
        assert client.get(url).status_code == status
        assert client.get(url).status_code == 401


def test_shared_session_ids_are_two_sessions(client: Client, users: Users) -> None:
    for canary, account in zip(CANARIES, users, strict=True):
        pulled = client.post("/api/sync/pull", json={"session_ids": ["shared"]}, headers=account["headers"]).json()
        (session,) = pulled["sessions"]
        assert (session["notes"], session["data_count"]) == (canary, 1)
        assert session["sensor_data"][0]["data"] == {"label": canary}


def test_counts_are_of_ones_own(client: Client, users: Users) -> None:
    for account in users:
        status = client.get("/api/sync/status", headers=account["headers"]).json()
        assert (status["sessions"], status["readings"]) == (2, 2)
        assert client.post("/api/sync/pull", json={}, headers=account["headers"]).json()["total"] == 3


def test_changes_touch_nothing_of_another(client: Client, users: Users) -> None:
    anna, boris = users
    before = client.post("/api/sync/pull", json={}, headers=boris["headers"]).json()["sessions"]
    client.patch("/api/sessions/shared", json={"notes": "mine"}, headers=anna["headers"])
    client.patch(f"/api/sessions/{CANARIES[1]}", json={"notes": "mine"}, headers=anna["headers"])
    client.put("/api/sessions/shared/labels", json={"labels": []}, headers=anna["headers"])
    client.put(f"/api/sessions/{CANARIES[1]}/labels", json={"labels": []}, headers=anna["headers"])
    client.delete(f"/api/sessions/{CANARIES[1]}", headers=anna["headers"])
    client.delete("/api/sessions/shared", headers=anna["headers"])
    session = {"session_id": CANARIES[1], "start_time": START, "notes": "mine", "end_time": START}
    client.post("/api/sync/push", json={"session": session}, headers=anna["headers"])
    client.delete(f"/api/auth/devices/{CANARIES[1]}-device", headers=anna["headers"])
    assert client.post("/api/sync/pull", json={}, headers=boris["headers"]).json()["sessions"] == before


def test_replies_at_once_are_never_mixed_up(client: Client, users: Users) -> None:
    """Many requests of both at once, through one pool of connections."""

    def pull(number: int) -> tuple[int, str]:
        who = number % 2
        return who, client.post("/api/sync/pull", json={}, headers=users[who]["headers"]).text

    # Four pulls of each user at the same time are allowed.
    with ThreadPoolExecutor(4) as pool:
        for who, text in pool.map(pull, range(100)):
            assert CANARIES[who] in text
            assert CANARIES[1 - who] not in text
