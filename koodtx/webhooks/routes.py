"""/api/webhooks"""

from typing import Annotated
from uuid import UUID

from litestar import Router, delete, get, patch, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import convert

from koodtx.app_state import AppState
from koodtx.errors import LimitReached, NotFound, TooMany
from koodtx.jobs import notify
from koodtx.keyset import MAX_CURSOR_LENGTH, place_of
from koodtx.web.body import BoundedRequest
from koodtx.webhooks import edit, examples, send, store
from koodtx.webhooks.messages import (
    DeliveryList,
    NewSecret,
    NewWebhook,
    QueuedTest,
    Webhook,
    WebhookChange,
    WebhookCreated,
    WebhookList,
)
from koodtx.webhooks.signature import write_secret

# Each is a request to a server that is not ours.
_TESTS_PER_MINUTE = 10


@post(
    "/",
    operation_id="createWebhook",
    summary="Have messages sent to a URL",
    opt={"errors": [LimitReached], "examples": {"request": examples.NEW, "201": {"with its secret": examples.CREATED}}},
)
async def create(request: BoundedRequest, state: AppState, data: JSONBody[NewWebhook]) -> WebhookCreated:
    """The answer has the secret that verifies messages. It is not shown again."""
    async with state.pool.connection() as connection:
        created = await edit.create(connection, request.user.user_id, data, state.settings)
    return convert(_shown(created) | {"secret": write_secret(created.secret)}, WebhookCreated)


@get(
    "/",
    operation_id="listWebhooks",
    summary="My webhooks, and whether they work",
    opt={"examples": {"200": {"one that works, one that does not": examples.WEBHOOKS}}},
)
async def list_all(request: BoundedRequest, state: AppState) -> WebhookList:
    async with state.pool.connection() as connection:
        found = await store.list_webhooks(connection, request.user.user_id)
    return WebhookList([convert(_shown(webhook), Webhook) for webhook in found])


@patch(
    "/{webhook_id:uuid}",
    operation_id="changeWebhook",
    summary="Change URL or events; disable it, or activate it again",
    opt={"right": "webhook:own", "examples": {"request": examples.CHANGES, "200": {"changed": examples.WEBHOOK}}},
)
async def change(
    request: BoundedRequest, state: AppState, webhook_id: FromPath[UUID], data: JSONBody[WebhookChange]
) -> Webhook:
    """Messages that wait go to the new URL. When it is disabled they fail, and are not sent when it is active again."""
    async with state.pool.connection() as connection, connection.transaction():
        changed = await edit.change(connection, request.user.user_id, webhook_id, data, state.settings)
    return convert(_shown(changed), Webhook)


@delete(
    "/{webhook_id:uuid}",
    operation_id="deleteWebhook",
    summary="Delete a webhook with its deliveries",
    status_code=204,
    opt={"right": "webhook:own"},
)
async def remove(request: BoundedRequest, state: AppState, webhook_id: FromPath[UUID]) -> None:
    """What waits is not sent."""
    async with state.pool.connection() as connection:
        await edit.delete(connection, request.user.user_id, webhook_id)


@post(
    "/{webhook_id:uuid}/secret",
    operation_id="rotateWebhookSecret",
    summary="Replace the secret",
    status_code=200,
    opt={"right": "webhook:own", "examples": {"200": {"the new one": examples.NEW_SECRET}}},
)
async def rotate(request: BoundedRequest, state: AppState, webhook_id: FromPath[UUID]) -> NewSecret:
    """For 24 hours messages are signed with both. Replaced twice, the first is worth nothing at once."""
    async with state.pool.connection() as connection:
        rotated = await edit.rotate(connection, request.user.user_id, webhook_id)
    assert rotated.old_secret_until is not None
    return NewSecret(write_secret(rotated.secret), rotated.old_secret_until)


@post(
    "/{webhook_id:uuid}/test",
    operation_id="testWebhook",
    summary="Send a test message",
    status_code=202,
    opt={"right": "webhook:own", "errors": [TooMany], "examples": {"202": {"queued": examples.TEST}}},
)
async def test(request: BoundedRequest, state: AppState, webhook_id: FromPath[UUID]) -> QueuedTest:
    """Once, also to a webhook that is disabled; the list of deliveries shows what became of it."""
    user_id = request.user.user_id
    await state.limiter.hit(f"webhook-test:{user_id}", _TESTS_PER_MINUTE)
    async with state.pool.connection() as connection:
        delivery_id = await send.enqueue_test(connection, user_id, webhook_id)
    await notify.wake_worker(state.redis, send.LANE)
    return QueuedTest(delivery_id)


@get(
    "/{webhook_id:uuid}/deliveries",
    operation_id="listDeliveries",
    summary="Messages to a webhook, newest first, and what became of them",
    opt={"right": "webhook:own", "examples": {"200": {"one that is tried again": examples.DELIVERIES}}},
)
async def deliveries(
    request: BoundedRequest,
    state: AppState,
    webhook_id: FromPath[UUID],
    before: Annotated[
        str | None, QueryParameter(max_length=MAX_CURSOR_LENGTH, description="`next` of the page before.")
    ] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=100)] = 50,
) -> DeliveryList:
    place = place_of(before, UUID)
    async with state.pool.connection() as connection:
        if not await store.is_own(connection, request.user.user_id, webhook_id):
            raise NotFound
        found = await store.list_deliveries(connection, webhook_id, before=place, limit=limit)
    return DeliveryList(found, found[-1].place.cursor() if len(found) == limit else None)


def _shown(webhook: store.StoredWebhook) -> dict[str, object]:
    """What its owner may see: all but the secrets."""
    return {
        "webhook_id": webhook.webhook_id,
        "url": webhook.url,
        "events": webhook.events,
        "is_active": webhook.disabled_at is None,
        "disabled_at": webhook.disabled_at,
        "disabled_reason": webhook.disabled_reason,
        "created_at": webhook.created_at,
    }


routes = Router(
    "/api/webhooks",
    route_handlers=[create, list_all, change, remove, rotate, test, deliveries],
    opt={"policy": "user"},
    tags=["Webhooks"],
)
