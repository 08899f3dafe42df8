"""What an owner changes while messages wait or are on their way: secret, URL, activity, jobs; and what is deleted."""

import asyncio
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from standardwebhooks import Webhook

from koodtx.settings import Settings
from koodtx.webhooks import store
from tests.support.aliases import Client, Db, Document
from tests.support.databases import value
from tests.support.scripted_server import status
from tests.webhooks.conftest import Create, RunDue, Send, deliveries, make_due
from tests.webhooks.receiver import ACCEPTED, headers_of, receiving

pytestmark = [pytest.mark.integration, pytest.mark.tasks]

Headers = dict[str, str]


def count(db: Db, table: str) -> int:
    return int(value(db, f"select count(*) from app.{table}"))


def test_replaced_secret_signs_for_a_day_more(
    client: Client, auth_headers: Headers, db: Db, create: Create, send: Send, run_due: RunDue
) -> None:
    with receiving(ACCEPTED) as receiver:
        webhook = create(receiver.url)
        reply = client.post(f"/api/webhooks/{webhook['webhook_id']}/secret", headers=auth_headers)
        assert reply.status_code == 200
        old, new = webhook["secret"], reply.json()["secret"]
        assert old != new
        left = "select old_secret_until - clock_timestamp() from app.webhooks"
        assert timedelta(hours=23, minutes=59) < value(db, left) <= timedelta(hours=24)
        send()
        run_due()
        db.execute("update app.webhooks set old_secret_until = clock_timestamp()")
        send()
        run_due()
        first, second = receiver.requests
        for secret in (old, new):
            Webhook(secret).verify(first.body, headers_of(first))
        Webhook(new).verify(second.body, headers_of(second))
        with pytest.raises(Exception, match="No matching signature"):
            Webhook(old).verify(second.body, headers_of(second))


def test_secret_that_was_replaced_twice_signs_no_more(
    client: Client, auth_headers: Headers, create: Create, send: Send, run_due: RunDue
) -> None:
    with receiving(ACCEPTED) as receiver:
        webhook = create(receiver.url)
        path = f"/api/webhooks/{webhook['webhook_id']}/secret"
        second, third = (client.post(path, headers=auth_headers).json()["secret"] for _ in range(2))
        send()
        run_due()
        (request,) = receiver.requests
        for secret in (second, third):
            Webhook(secret).verify(request.body, headers_of(request))
        with pytest.raises(Exception, match="No matching signature"):
            Webhook(webhook["secret"]).verify(request.body, headers_of(request))


def test_what_waits_goes_to_the_new_url_and_nowhere_after_it_was_deleted(
    client: Client, auth_headers: Headers, db: Db, create: Create, send: Send, run_due: RunDue
) -> None:
    with receiving(status(500)) as broken, receiving(status(500)) as other:
        webhook = create(broken.url)
        path = f"/api/webhooks/{webhook['webhook_id']}"
        send()
        run_due()
        assert client.patch(path, json={"url": other.url}, headers=auth_headers).json()["url"] == other.url
        make_due(db)
        run_due()
        assert broken.ids == other.ids
        assert client.delete(path, headers=auth_headers).status_code == 204
        make_due(db)
        assert run_due() == 1
        assert (len(broken.requests), len(other.requests)) == (1, 1)
        assert (count(db, "webhooks"), count(db, "webhook_deliveries")) == (0, 0)
        assert value(db, "select result->>'status' from app.jobs") == "gone"


def test_what_waits_when_it_is_disabled_is_not_sent_later(
    client: Client, auth_headers: Headers, db: Db, create: Create, send: Send, run_due: RunDue
) -> None:
    with receiving(ACCEPTED) as receiver:
        webhook = create(receiver.url)
        path = f"/api/webhooks/{webhook['webhook_id']}"
        send()
        for is_active in (False, True):
            client.patch(path, json={"is_active": is_active}, headers=auth_headers)
        make_due(db)
        assert run_due() == 1
        assert not receiver.requests
        (delivery,) = deliveries(client, auth_headers, webhook)
        assert (delivery["status"], delivery["last_error"]) == ("failed", "the webhook was disabled")


def test_a_message_that_was_accepted_while_the_webhook_was_disabled_is_delivered(
    settings: Settings, client: Client, auth_headers: Headers, db: Db, create: Create, send: Send
) -> None:
    webhook = create("https://app.example.org/")
    send()
    delivery_id = value(db, "select delivery_id from app.webhook_deliveries")
    client.patch(f"/api/webhooks/{webhook['webhook_id']}", json={"is_active": False}, headers=auth_headers)

    def end(answer: int, error: str | None) -> Any:
        async def main() -> Any:
            async with await psycopg.AsyncConnection.connect(settings.database_url, autocommit=True) as connection:
                return await store.end_attempt(
                    connection, delivery_id, status=answer, error=error, wait=None, is_gone=False, is_trial=False
                )

        return asyncio.run(main())

    assert end(500, "the receiver answered 500") is None, "it has failed already"
    assert end(200, None).status == "delivered"
    assert end(500, "the receiver answered 500") is None, "an attempt that was slower changes nothing"
    assert deliveries(client, auth_headers, webhook)[0]["status"] == "delivered"


def test_nothing_is_enqueued_for_a_webhook_that_is_being_disabled_or_deleted(
    settings: Settings, db: Db, create: Create, user: Document
) -> None:
    """The transaction that ends a take waits for the other, and goes on without the webhook."""
    webhook = create("https://app.example.org/")
    user_id = user["user"]["id"]
    disable = "select app.disable_webhook(%s, 'disabled by its owner')"
    for statement in (disable, "delete from app.webhooks where webhook_id = %s"):
        db.execute("update app.webhooks set disabled_at = null, disabled_reason = null")

        async def main(statement: Any = statement) -> list[Any]:
            connect = psycopg.AsyncConnection.connect
            async with await connect(settings.database_url) as one, await connect(settings.database_url) as other:
                await one.execute(statement, [webhook["webhook_id"]])
                waiting = asyncio.create_task(store.lock_subscribed(other, user_id, "take.completed"))
                await asyncio.sleep(0.3)
                assert not waiting.done()
                await one.commit()
                return await waiting

        assert asyncio.run(main()) == []


def test_a_delivery_whose_job_was_cancelled_has_failed_and_goes_on_when_it_is_repeated(
    client: Client, auth_headers: Headers, create: Create, send: Send, run_due: RunDue
) -> None:
    with receiving(ACCEPTED) as receiver:
        webhook = create(receiver.url)
        send()
        (waiting,) = deliveries(client, auth_headers, webhook)
        job = f"/api/v1/jobs/{waiting['delivery_id']}"
        assert client.delete(job, headers=auth_headers).status_code == 204
        (failed,) = deliveries(client, auth_headers, webhook)
        assert (failed["status"], failed["last_error"], failed["next_attempt_at"]) == ("failed", "cancelled", None)
        assert run_due() == 0
        assert client.post(f"{job}/retry", headers=auth_headers).status_code == 200
        assert run_due() == 1
        assert receiver.ids == [waiting["delivery_id"]]
        assert client.delete(job, headers=auth_headers).status_code == 204
        assert deliveries(client, auth_headers, webhook)[0]["status"] == "delivered"
