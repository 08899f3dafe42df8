"""The room's SQL calls."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from koodtx.database.query import Connection, execute, fetch_all, fetch_one, fetch_value
from koodtx.keyset import Place
from koodtx.webhooks.messages import Delivery, DeliveryStatus


class StoredWebhook(Struct):
    """A row of app.webhooks."""

    webhook_id: UUID
    user_id: int
    url: str
    events: list[str]
    secret: bytes
    old_secret: bytes | None
    old_secret_until: datetime | None
    created_at: datetime
    disabled_at: datetime | None
    disabled_reason: str | None


class DueDelivery(Struct):
    """A delivery and where it goes. `is_early`: its next attempt must wait."""

    event: str
    body: str
    status: DeliveryStatus
    attempts: int
    next_attempt_at: datetime | None
    is_early: bool
    url: str
    secret: bytes
    old_secret: bytes | None


class EndedAttempt(Struct):
    """A delivery after an attempt."""

    status: DeliveryStatus
    attempts: int
    next_attempt_at: datetime | None


class Total(Struct):
    """How many deliveries, and their bytes."""

    row_count: int
    byte_count: int


async def create_webhook(
    connection: Connection, user_id: int, url: str, events: Sequence[str], secret: bytes, most: int
) -> StoredWebhook | None:
    """None: the user has as many as are allowed."""
    return await fetch_one(
        connection,
        StoredWebhook,
        "select * from app.create_webhook(%(user_id)s, %(url)s, %(events)s, %(secret)s, %(most)s)",
        {"user_id": user_id, "url": url, "events": list(events), "secret": secret, "most": most},
    )


async def list_webhooks(connection: Connection, user_id: int) -> list[StoredWebhook]:
    """The oldest first."""
    return await fetch_all(
        connection,
        StoredWebhook,
        "select * from app.webhooks where user_id = %(user_id)s order by created_at, webhook_id",
        {"user_id": user_id},
    )


async def is_own(connection: Connection, user_id: int, webhook_id: UUID) -> bool:
    """Whether the user has this webhook. If so, it stays until the end of the transaction."""
    found = await fetch_value(
        connection,
        "select true from app.webhooks where webhook_id = %(webhook_id)s and user_id = %(user_id)s for key share",
        {"user_id": user_id, "webhook_id": webhook_id},
    )
    return found is not None


async def edit_webhook(
    connection: Connection,
    user_id: int,
    webhook_id: UUID,
    *,
    url: str | None,
    events: Sequence[str] | None,
    is_active: bool | None,
) -> StoredWebhook | None:
    """What is None stays as it is. None: there is no such webhook."""
    return await fetch_one(
        connection,
        StoredWebhook,
        "select * from app.edit_webhook(%(user_id)s, %(webhook_id)s, %(url)s, %(events)s::text[], %(is_active)s)",
        {
            "user_id": user_id,
            "webhook_id": webhook_id,
            "url": url,
            "events": None if events is None else list(events),
            "is_active": is_active,
        },
    )


async def delete_webhook(connection: Connection, user_id: int, webhook_id: UUID) -> bool:
    """With its deliveries. False: there is none."""
    deleted = await execute(
        connection,
        "delete from app.webhooks where webhook_id = %(webhook_id)s and user_id = %(user_id)s",
        {"user_id": user_id, "webhook_id": webhook_id},
    )
    return deleted > 0


async def rotate_secret(
    connection: Connection, user_id: int, webhook_id: UUID, secret: bytes, overlap: timedelta
) -> StoredWebhook | None:
    """The one before signs as well for a while. None: there is no such webhook."""
    return await fetch_one(
        connection,
        StoredWebhook,
        "select * from app.rotate_webhook_secret(%(user_id)s, %(webhook_id)s, %(secret)s, %(overlap)s)",
        {"user_id": user_id, "webhook_id": webhook_id, "secret": secret, "overlap": overlap},
    )


async def lock_subscribed(connection: Connection, user_id: int, event: str) -> list[UUID]:
    """The user's active webhooks for an event. None is deleted or disabled before the end of the transaction."""
    cursor = await connection.execute(
        "select * from app.subscribed_webhooks(%(user_id)s, %(event)s)", {"user_id": user_id, "event": event}
    )
    return [row[0] for row in await cursor.fetchall()]


async def add_delivery(connection: Connection, webhook_id: UUID, event: str, body: str) -> UUID:
    """Writes a delivery in the caller's transaction."""
    delivery_id: UUID = await fetch_value(
        connection,
        """
        insert into app.webhook_deliveries (webhook_id, event, body, next_attempt_at)
        values (%(webhook_id)s, %(event)s, %(body)s, clock_timestamp())
        returning delivery_id
        """,
        {"webhook_id": webhook_id, "event": event, "body": body},
    )
    return delivery_id


async def find_due(connection: Connection, delivery_id: UUID) -> DueDelivery | None:
    """None: its webhook was deleted."""
    return await fetch_one(connection, DueDelivery, "select * from app.due_delivery(%(id)s)", {"id": delivery_id})


async def end_attempt(
    connection: Connection,
    delivery_id: UUID,
    *,
    status: int | None,
    error: str | None,
    wait: timedelta | None,
    is_gone: bool,
    is_trial: bool,
) -> EndedAttempt | None:
    """Notes how an attempt ended. None: the delivery is gone, or has ended otherwise."""
    return await fetch_one(
        connection,
        EndedAttempt,
        """
        select status, attempts, next_attempt_at
        from app.end_delivery_attempt(%(id)s, %(status)s, %(error)s, %(wait)s, %(is_gone)s, %(is_trial)s)
        """,
        {
            "id": delivery_id,
            "status": status,
            "error": error,
            "wait": wait,
            "is_gone": is_gone,
            "is_trial": is_trial,
        },
    )


async def list_deliveries(
    connection: Connection, webhook_id: UUID, *, before: Place[UUID] | None, limit: int
) -> list[Delivery]:
    """Newest first, after a place."""
    return await fetch_all(
        connection,
        Delivery,
        "select * from app.list_webhook_deliveries(%(webhook_id)s, %(before_at)s, %(before_id)s, %(limit)s)",
        {
            "webhook_id": webhook_id,
            "before_at": before.at if before else None,
            "before_id": before.key if before else None,
            "limit": limit,
        },
    )


async def count_old(connection: Connection, cutoff: datetime) -> Total:
    """Of deliveries that the clean-up removes."""
    total = await fetch_one(
        connection,
        Total,
        """
        select count(*) as row_count, coalesce(sum(byte_count), 0)::bigint as byte_count
        from app.old_deliveries(%(cutoff)s)
        """,
        {"cutoff": cutoff},
    )
    assert total is not None
    return total


async def delete_old(connection: Connection, cutoff: datetime, limit: int) -> Total:
    """Deletes some, the oldest first."""
    total = await fetch_one(
        connection,
        Total,
        "select * from app.delete_deliveries(%(cutoff)s, %(limit)s)",
        {"cutoff": cutoff, "limit": limit},
    )
    assert total is not None
    return total
