"""Requests and answers of webhooks."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from koodtx.keyset import Place

Event = Literal["take.completed", "take.failed"]
# What is sent on request, to see whether messages arrive.
TEST_EVENT = "webhook.test"
DeliveryStatus = Literal["waiting", "delivered", "failed"]

MAX_URL_LENGTH = 2000

Url = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=MAX_URL_LENGTH,
        description="Where messages are sent by POST: https, at a public address.",
        examples=["https://app.example.org/hooks"],
    ),
]
Events = Annotated[list[Event], Meta(min_length=1, max_length=20, description="Which messages are sent.")]
Secret = Annotated[str, Meta(description="Verifies messages. It is not shown again.")]


class NewWebhook(Struct, forbid_unknown_fields=True):
    """A URL to be sent messages."""

    url: Url
    events: Events


class WebhookChange(Struct, forbid_unknown_fields=True):
    """Absent fields stay as they are."""

    url: Url | UnsetType = UNSET
    events: Events | UnsetType = UNSET
    is_active: Annotated[bool, Meta(description="`true` after what was wrong has been put right.")] | UnsetType = UNSET


class Webhook(Struct):
    """A URL that is sent messages."""

    webhook_id: UUID
    url: Url
    events: Events
    is_active: bool
    disabled_at: Annotated[datetime | None, Meta(description="Null: it is active.")]
    disabled_reason: Annotated[str | None, Meta(description="Why nothing is sent; null: it is active.")]
    created_at: datetime


class WebhookCreated(Webhook):
    """A webhook with its secret."""

    secret: Secret


class WebhookList(Struct):
    """The caller's webhooks, the oldest first."""

    webhooks: list[Webhook]


class NewSecret(Struct):
    """The secret from now on. Until `old_secret_until` messages are signed with the one before as well."""

    secret: Secret
    old_secret_until: datetime


class QueuedTest(Struct):
    """A test message is on its way."""

    delivery_id: UUID
    event: str = TEST_EVENT


class Delivery(Struct):
    """A message to a webhook, and what became of it."""

    delivery_id: Annotated[UUID, Meta(description="The header `webhook-id` of every attempt, and the id of the job.")]
    event: str
    status: Annotated[DeliveryStatus, Meta(description="`failed`: there is no further attempt.")]
    attempts: int
    last_attempt_at: datetime | None
    last_status: Annotated[int | None, Meta(description="HTTP status of the last attempt; null: no answer.")]
    last_error: Annotated[str | None, Meta(description="Why the last attempt failed; null: it did not.")]
    next_attempt_at: Annotated[datetime | None, Meta(description="Null: there is none.")]
    created_at: datetime
    delivered_at: datetime | None

    @property
    def place(self) -> Place[UUID]:
        """Where it is in the list."""
        return Place(self.created_at, self.delivery_id)


class DeliveryList(Struct):
    """A page of a webhook's deliveries, newest first. They are kept for 30 days."""

    deliveries: list[Delivery]
    next: Annotated[str | None, Meta(description="Pass it as `before` for the next page; null: there is none.")]


class DeliveryResult(Struct):
    """What became of a message. `gone`: its webhook was deleted before it arrived."""

    status: Literal["waiting", "delivered", "failed", "gone"]
    attempts: int
