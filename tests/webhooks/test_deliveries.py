"""What becomes of messages: tried again by the schedule, never sent again once accepted, ended for receivers that are
gone.
"""

import asyncio
import json
from collections.abc import Callable
from datetime import datetime, timedelta

import psycopg
import pytest
from standardwebhooks import Webhook

from koodtx.settings import Settings
from koodtx.webhooks.schedule import WAITS_S
from koodtx.webhooks.send import enqueue
from tests.support.aliases import Client, Db, Document
from tests.support.databases import value
from tests.support.scripted_server import Reply, status
from tests.webhooks.conftest import DATA, Create, RunDue, Send, deliveries, job_status, make_due, shown
from tests.webhooks.receiver import ACCEPTED, DROPPED, headers_of, receiving

pytestmark = [pytest.mark.integration, pytest.mark.tasks]

Headers = dict[str, str]


def count(db: Db, table: str) -> int:
    return int(value(db, f"select count(*) from app.{table}"))


def test_message_is_sent_once_and_its_owner_sees_it(
    client: Client, auth_headers: Headers, db: Db, create: Create, send: Send, run_due: RunDue
) -> None:
    with receiving(ACCEPTED) as receiver:
        webhook = create(receiver.url)
        assert send()
        assert run_due() == 1
        (request,) = receiver.requests
        document = Webhook(webhook["secret"]).verify(request.body, headers_of(request))
        assert (document["type"], document["data"]) == ("take.completed", DATA)
        assert datetime.fromisoformat(document["timestamp"]).tzinfo is not None
        (delivery,) = deliveries(client, auth_headers, webhook)
        assert [delivery["delivery_id"]] == receiver.ids
        assert (delivery["status"], delivery["attempts"], delivery["last_status"]) == ("delivered", 1, 200)
        assert delivery["delivered_at"]
        assert delivery["next_attempt_at"] is None
        assert job_status(db, delivery["delivery_id"]) == ("completed", {"status": "delivered", "attempts": 1})

        # Its worker died before it could say that it is done: nothing is sent again.
        db.execute("update app.jobs set status = 'queued', queue_rank = null, run_at = now()")
        assert run_due() == 1
        assert len(receiver.requests) == 1
        assert job_status(db, delivery["delivery_id"]) == ("completed", {"status": "delivered", "attempts": 1})


def test_nothing_is_written_without_a_webhook_for_the_event(
    client: Client, auth_headers: Headers, db: Db, create: Create, send: Send, create_user: Callable[..., Document]
) -> None:
    assert not send()
    failed = create("https://app.example.org/failed", ["take.failed"])
    other = create_user("joon")
    body = {"url": "https://app.example.org/joon", "events": ["take.completed"]}
    assert client.post("/api/webhooks", json=body, headers=other["headers"]).status_code == 201
    assert not send("take.completed")
    client.patch(f"/api/webhooks/{failed['webhook_id']}", json={"is_active": False}, headers=auth_headers)
    assert not send("take.failed")
    assert (count(db, "webhook_deliveries"), count(db, "jobs")) == (0, 0)


def test_each_webhook_has_a_delivery_with_a_job_of_the_user(db: Db, create: Create, send: Send, user: Document) -> None:
    for number in range(3):
        create(f"https://app.example.org/{number}")
    assert send()
    assert count(db, "webhook_deliveries") == 3
    assert value(db, "select count(distinct body) from app.webhook_deliveries") == 1
    owners = db.execute(
        "select distinct j.user_id, j.lane from app.jobs as j join app.webhook_deliveries as d on d.delivery_id = j.id"
    ).fetchall()
    assert owners == [(user["user"]["id"], "batch")]


def test_a_transaction_that_is_rolled_back_sends_nothing(
    settings: Settings, db: Db, create: Create, user: Document
) -> None:
    create("https://app.example.org/")

    async def main() -> None:
        async with await psycopg.AsyncConnection.connect(settings.database_url) as connection:
            assert await enqueue(connection, user["user"]["id"], "take.completed", DATA)
            await connection.rollback()

    asyncio.run(main())
    assert (count(db, "webhook_deliveries"), count(db, "jobs")) == (0, 0)


def test_message_is_tried_for_three_days_with_the_same_id_then_the_webhook_is_disabled(
    client: Client, auth_headers: Headers, db: Db, create: Create, send: Send, run_due: RunDue
) -> None:
    replies: list[Reply] = [status(500), DROPPED, status(302, Location="http://127.0.0.1:1/"), status(404)]
    with receiving(*replies, status(503)) as receiver:
        webhook = create(receiver.url)
        send()
        pauses = []
        for attempt in range(1, len(WAITS_S) + 1):
            assert run_due() == 1
            (delivery,) = deliveries(client, auth_headers, webhook)
            assert (delivery["status"], delivery["attempts"]) == ("waiting", attempt)
            following = datetime.fromisoformat(delivery["next_attempt_at"])
            pauses.append(following - datetime.fromisoformat(delivery["last_attempt_at"]))
            assert job_status(db, delivery["delivery_id"])[0] == "queued"
            assert value(db, "select run_at from app.jobs") == following
            assert run_due() == 0, "its time has not come"
            make_due(db)
        assert run_due() == 1
        make_due(db)
        assert run_due() == 0

        assert timedelta(days=3) < sum(pauses, timedelta()) < timedelta(days=4)
        assert len(receiver.requests) == len(WAITS_S) + 1
        assert set(receiver.ids) == {delivery["delivery_id"]}
        assert len({request.body for request in receiver.requests}) == 1
        for request in receiver.requests:
            Webhook(webhook["secret"]).verify(request.body, headers_of(request))
        (delivery,) = deliveries(client, auth_headers, webhook)
        assert (delivery["status"], delivery["attempts"], delivery["last_status"]) == ("failed", 10, 503)
        assert delivery["last_error"] == "the receiver answered 503"
        assert job_status(db, delivery["delivery_id"]) == ("completed", {"status": "failed", "attempts": 10})
        seen = shown(client, auth_headers, webhook)
        assert not seen["is_active"]
        assert seen["disabled_reason"] == "no message was accepted in 10 attempts: the receiver answered 503"
        assert not send(), "nothing more is sent"

        active = {"is_active": True}
        reply = client.patch(f"/api/webhooks/{webhook['webhook_id']}", json=active, headers=auth_headers).json()
        assert (reply["is_active"], reply["disabled_at"], reply["disabled_reason"]) == (True, None, None)
        assert send()


def test_a_receiver_that_accepted_another_message_stays_active(
    client: Client, auth_headers: Headers, db: Db, create: Create, send: Send, run_due: RunDue
) -> None:
    with receiving(status(400), ACCEPTED, status(400)) as receiver:
        webhook = create(receiver.url)
        send()
        run_due()
        send("take.failed")
        run_due()
        for _ in WAITS_S:
            make_due(db)
            run_due()
        assert [one["status"] for one in deliveries(client, auth_headers, webhook)] == ["delivered", "failed"]
        assert shown(client, auth_headers, webhook)["is_active"]


def test_answer_410_ends_it_at_once(
    client: Client, auth_headers: Headers, db: Db, create: Create, send: Send, run_due: RunDue
) -> None:
    with receiving(status(500), status(410)) as receiver:
        webhook = create(receiver.url)
        send()
        run_due()
        send()
        run_due()
        make_due(db)
        run_due()
        assert len(receiver.requests) == 2, "the first one is not tried again"
        found = [(one["status"], one["last_status"]) for one in deliveries(client, auth_headers, webhook)]
        assert found == [("failed", 410), ("failed", 500)]
        assert shown(client, auth_headers, webhook)["disabled_reason"].startswith("the receiver answered 410")
        assert value(db, "select count(*) from app.jobs where status <> 'completed'") == 0


def test_a_worker_that_died_between_attempt_and_pause_does_not_shorten_the_pause(
    client: Client, auth_headers: Headers, db: Db, create: Create, send: Send, run_due: RunDue
) -> None:
    with receiving(status(500)) as receiver:
        webhook = create(receiver.url)
        send()
        run_due()
        (before,) = deliveries(client, auth_headers, webhook)
        db.execute("update app.jobs set run_at = now()")
        assert run_due() == 1
        assert len(receiver.requests) == 1
        assert deliveries(client, auth_headers, webhook) == [before]
        assert value(db, "select run_at = next_attempt_at from app.jobs, app.webhook_deliveries")


def test_test_message_is_sent_once_also_when_disabled(
    client: Client, auth_headers: Headers, db: Db, create: Create, run_due: RunDue
) -> None:
    with receiving(status(500), ACCEPTED) as receiver:
        webhook = create(receiver.url)
        path = f"/api/webhooks/{webhook['webhook_id']}"
        reply = client.post(f"{path}/test", headers=auth_headers)
        assert reply.status_code == 202
        run_due()
        (failed,) = deliveries(client, auth_headers, webhook)
        assert (failed["delivery_id"], failed["event"]) == (reply.json()["delivery_id"], "webhook.test")
        assert (failed["status"], failed["attempts"], failed["last_status"]) == ("failed", 1, 500)
        assert shown(client, auth_headers, webhook)["is_active"]

        client.patch(path, json={"is_active": False}, headers=auth_headers)
        client.post(f"{path}/test", headers=auth_headers)
        run_due()
        assert deliveries(client, auth_headers, webhook)[0]["status"] == "delivered"
        assert json.loads(receiver.requests[1].body)["data"] == {"webhook_id": webhook["webhook_id"]}

        statuses = [client.post(f"{path}/test", headers=auth_headers).status_code for _ in range(11)]
        assert 429 in statuses


def test_pages_of_deliveries_hold_each_once(
    client: Client, auth_headers: Headers, db: Db, create: Create, send: Send
) -> None:
    webhook = create("https://app.example.org/")
    for _ in range(7):
        send()
    db.execute("update app.webhook_deliveries set created_at = '2026-03-02'")
    path, found, before = f"/api/webhooks/{webhook['webhook_id']}/deliveries", [], None
    while True:
        query = {"limit": 3} | ({"before": before} if before else {})
        page = client.get(path, params=query, headers=auth_headers).json()
        found += [one["delivery_id"] for one in page["deliveries"]]
        before = page["next"]
        if before is None:
            break
    assert len(found) == len(set(found)) == 7
    assert client.get(path, params={"before": "x"}, headers=auth_headers).json()["errors"][0]["field"] == "before"
