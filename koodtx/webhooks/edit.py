"""Webhooks are created, changed and deleted. Their URLs are checked here, and again whenever a message is sent."""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from msgspec import UNSET

from koodtx.database.query import Connection
from koodtx.errors import LimitReached, NotFound, invalid_field
from koodtx.settings import Settings
from koodtx.webhooks import store
from koodtx.webhooks.address import AddressRefused, checked_url
from koodtx.webhooks.messages import NewWebhook, WebhookChange

# For so long after a rotation messages are signed with both secrets.
_OVERLAP = timedelta(hours=24)
_SECRET_BYTES = 32


async def create(connection: Connection, user_id: int, new: NewWebhook, settings: Settings) -> store.StoredWebhook:
    """Raises Invalid, LimitReached."""
    _check_url(new.url, settings)
    most = settings.max_user_webhooks
    created = await store.create_webhook(connection, user_id, new.url, _distinct(new.events), _new_secret(), most)
    if created is None:
        raise LimitReached(f"you have {most} webhooks: delete one first")
    return created


async def change(
    connection: Connection, user_id: int, webhook_id: UUID, wanted: WebhookChange, settings: Settings
) -> store.StoredWebhook:
    """Raises Invalid, NotFound."""
    if wanted.url is not UNSET:
        _check_url(wanted.url, settings)
    changed = await store.edit_webhook(
        connection,
        user_id,
        webhook_id,
        url=None if wanted.url is UNSET else wanted.url,
        events=None if wanted.events is UNSET else _distinct(wanted.events),
        is_active=None if wanted.is_active is UNSET else wanted.is_active,
    )
    if changed is None:
        raise NotFound
    return changed


async def delete(connection: Connection, user_id: int, webhook_id: UUID) -> None:
    """Raises NotFound."""
    if not await store.delete_webhook(connection, user_id, webhook_id):
        raise NotFound


async def rotate(connection: Connection, user_id: int, webhook_id: UUID) -> store.StoredWebhook:
    """Raises NotFound."""
    rotated = await store.rotate_secret(connection, user_id, webhook_id, _new_secret(), _OVERLAP)
    if rotated is None:
        raise NotFound
    return rotated


def _check_url(url: str, settings: Settings) -> None:
    try:
        checked_url(url, allow_private=settings.webhooks_allow_private)
    except AddressRefused as error:
        raise invalid_field("url", str(error)) from error


def _new_secret() -> bytes:
    return secrets.token_bytes(_SECRET_BYTES)


def _distinct(events: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(events))
