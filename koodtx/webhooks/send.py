"""Messages to a user's webhooks, written in the transaction that makes them true."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

from koodtx.database.query import Connection
from koodtx.errors import NotFound
from koodtx.jobs.store import Subject
from koodtx.webhooks import store
from koodtx.webhooks.messages import TEST_EVENT, Event
from koodtx.webhooks.tasks import DeliverArguments, deliver_webhook

# Whose worker the caller wakes after the commit.
LANE = deliver_webhook.lane


async def enqueue(connection: Connection, user_id: int, event: Event, data: Any) -> bool:
    """Has a message sent to each active webhook of the user for the event, in the caller's transaction.

    Returns whether a worker of `LANE` should be woken after the commit. Without a webhook it is one look at an index.
    """
    webhooks = await store.lock_subscribed(connection, user_id, event)
    if not webhooks:
        return False
    body = _body(event, data)
    for webhook_id in webhooks:
        await _add(connection, user_id, webhook_id, event, body)
    return True


async def enqueue_test(connection: Connection, user_id: int, webhook_id: UUID) -> UUID:
    """Has a test message sent to one webhook, disabled or not; returns its delivery. Raises NotFound."""
    async with connection.transaction():
        if not await store.is_own(connection, user_id, webhook_id):
            raise NotFound
        return await _add(connection, user_id, webhook_id, TEST_EVENT, _body(TEST_EVENT, {"webhook_id": webhook_id}))


async def _add(connection: Connection, user_id: int, webhook_id: UUID, event: str, body: str) -> UUID:
    delivery_id = await store.add_delivery(connection, webhook_id, event, body)
    # Of the user, so that nobody's messages stand behind all those of another.
    await deliver_webhook.enqueue(
        connection, DeliverArguments(delivery_id=delivery_id), job_id=delivery_id, subject=Subject(user_id)
    )
    return delivery_id


def _body(event: str, data: Any) -> str:
    """As Standard Webhooks proposes. The same for every webhook and attempt."""
    return msgspec.json.encode({"type": event, "timestamp": datetime.now(UTC), "data": data}).decode()
