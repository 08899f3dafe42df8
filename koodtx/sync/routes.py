"""Push, pull, status."""

from typing import Annotated

import msgspec
from litestar import Router, get, post
from litestar.params import HeaderParameter, JSONBody
from litestar.response import Stream

from koodtx.app_state import AppState
from koodtx.sync import examples, store
from koodtx.sync.errors import (
    CursorInvalid,
    PushIdReused,
    PushReplaced,
    PushTookTooLong,
    QuotaExceeded,
    Resync,
    SessionDeleted,
)
from koodtx.sync.messages import SyncPullRequest, SyncPullResponse, SyncPushRequest, SyncPushResponse, SyncStatus
from koodtx.sync.pull.page import prepare
from koodtx.sync.pull.stream import stream
from koodtx.sync.push.phone_clock import Arrival
from koodtx.sync.push.receive import receive
from koodtx.web.body import BoundedRequest
from koodtx.web.openapi.declare import json_body, written_reply
from koodtx.web.request_end import closed_with


@post(
    "/push",
    summary="Send a batch of readings of one session",
    status_code=200,
    operation_class=json_body(SyncPushRequest),
    opt={
        "errors": [PushReplaced, SessionDeleted, PushTookTooLong, PushIdReused, QuotaExceeded],
        "examples": {"request": examples.PUSHES},
        "has_large_body": True,
    },
)
async def push(
    request: BoundedRequest,
    state: AppState,
    idempotency_key: Annotated[str | None, HeaderParameter(name="Idempotency-Key", description="As push_id.")] = None,
    sent_at: Annotated[
        str | None,
        HeaderParameter(name="Sent-At", description="As sent_at, but of this attempt: a retry has another."),
    ] = None,
) -> SyncPushResponse:
    """One transaction; answered only after its commit. A refused reading never fails its neighbours."""
    # Before the body, which takes its time on a slow link.
    arrival = Arrival.now(sent_at)
    caller = request.user
    await state.limiter.hit(f"push:{caller.device_key}", state.settings.pushes_per_minute)
    body = await request.json_body()
    async with state.push_turns.turn(caller.user_id), state.in_flight.turn(len(body)):
        return await receive(state.pool, state.settings, caller, body, idempotency_key, arrival)


@post(
    "/pull",
    summary="Get what changed since the last pull",
    status_code=200,
    responses={200: written_reply(SyncPullResponse)},
    opt={"errors": [CursorInvalid, Resync], "examples": {"request": examples.PULLS}},
)
async def pull(request: BoundedRequest, state: AppState, data: JSONBody[SyncPullRequest]) -> Stream:
    """Streamed. A reply that was cut off is not valid JSON: pull again with what the last whole reply gave."""
    request.on_end.enter_context(state.pulls.hold(request.user.user_id))
    page = await prepare(state.pool, state.settings, request.user, data)
    reply = closed_with(request.scope, stream(state.pool, state.settings, request.user, page))
    return Stream(reply, media_type="application/json")


@get("/status", operation_id="getSyncStatus", summary="What is stored, and when each device last synced")
async def status(request: BoundedRequest, state: AppState) -> SyncStatus:
    async with state.pool.connection() as connection:
        return msgspec.convert(await store.sync_status(connection, request.user.user_id), SyncStatus)


routes = Router("/api/sync", route_handlers=[push, pull, status], opt={"policy": "user"}, tags=["Sync"])
