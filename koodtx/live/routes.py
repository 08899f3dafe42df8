"""WebSocket, server-sent events, tickets."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response, Router, get, post, websocket
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, HeaderParameter, QueryParameter
from litestar.response import ServerSentEvent

from koodtx.accounts.authorise import bearer_token
from koodtx.app_state import AppState
from koodtx.errors import DatabaseUnavailable, NotAuthenticated, TokenInvalid
from koodtx.jobs.messages import ENDED
from koodtx.live import examples, store
from koodtx.live.messages import (
    Completed,
    Connected,
    Ended,
    Failed,
    JobChanged,
    JobEvent,
    JobProgress,
    SessionChanged,
    SharesChanged,
    Ticket,
    UserEvent,
    Watching,
)
from koodtx.live.sse import events, user_events
from koodtx.live.tickets import login_named_in, login_of, make_ticket
from koodtx.live.watch import has_seen_the_end, read_job
from koodtx.live.websocket import Socket, serve_socket
from koodtx.web.body import BoundedRequest
from koodtx.web.openapi.declare import event_stream
from koodtx.web.request_end import closed_with

Token = Annotated[str | None, QueryParameter(max_length=4096, description="An access token, or better a ticket.")]


@post(
    "/api/v1/tickets",
    operation_id="createTicket",
    summary="Get a ticket for one WebSocket or event stream",
    opt={"policy": "user", "examples": {"201": {"a ticket": examples.TICKET}}},
)
async def ticket(request: BoundedRequest, state: AppState) -> Ticket:
    """It works once, within 30 s."""
    return await make_ticket(state.pool, state.settings.signing_keys, request.user.login_id)


def _watch_name(_handler: Any, _method: Any, path: list[Any]) -> str:
    names = {"analysis": "watchAnalysis", "tokens": "watchTake"}
    return next((name for part, name in names.items() if part in path), "watchJob")


# The policy is public because browsers cannot send a header here: the token in the query is checked instead.
@get(
    [
        "/api/v1/analysis/{job_id:uuid}/events",
        "/api/v1/jobs/{job_id:uuid}/events",
        "/api/tokens/analysis-progress/{job_id:uuid}",
    ],
    operation_id=_watch_name,
    summary="Watch a job: server-sent events",
    responses={
        200: event_stream(JobEvent, "A stream of unnamed events; comments are signs of life."),
        204: ResponseSpec(None, description="The job has ended, and `Last-Event-ID` is its last version."),
    },
    opt={
        "right": "job:view",
        "policy": "public",
        "errors": [NotAuthenticated, TokenInvalid, DatabaseUnavailable],
        "examples": {"200": examples.JOB_EVENTS},
        "unions": {"JobMessage": (Connected, JobProgress, Completed, Failed)},
    },
)
async def job_events(
    request: BoundedRequest,
    state: AppState,
    job_id: FromPath[UUID],
    token: Token = None,
    last_event_id: Annotated[int, HeaderParameter(name="Last-Event-ID", ge=0, le=2**62)] = 0,
) -> ServerSentEvent | Response[None]:
    """The token may also come as `Authorization: Bearer`.

    204: the job has ended and its state is known. A browser's EventSource, which connects again with the same ticket,
    stops at this.
    """
    named = login_named_in(state.settings.signing_keys, token or bearer_token(request))
    if named and last_event_id and await has_seen_the_end(state.pool, state.hub, named, job_id, last_event_id):
        return Response(None, status_code=204)
    login_id = await _login(request, state, token)
    job = await read_job(state.pool, state.hub, login_id, job_id)
    if job.status in ENDED and last_event_id >= job.version:
        return Response(None, status_code=204)
    request.on_end.enter_context(state.streams.hold(login_id))
    return ServerSentEvent(closed_with(request.scope, events(state.pool, state.hub, login_id, job_id, last_event_id)))


@get(
    "/api/v1/events",
    operation_id="watchEverything",
    summary="Watch all my jobs, my sessions and what is shared with me: server-sent events",
    responses={
        200: event_stream(UserEvent, "A stream of unnamed events that does not end; comments are signs of life."),
    },
    opt={
        "policy": "public",
        "errors": [NotAuthenticated, TokenInvalid, DatabaseUnavailable],
        "examples": {"200": examples.USER_EVENTS},
        "unions": {"UserMessage": (Watching, JobChanged, SessionChanged, SharesChanged, Ended)},
    },
)
async def all_events(
    request: BoundedRequest,
    state: AppState,
    token: Token = None,
    last_event_id: Annotated[int | None, HeaderParameter(name="Last-Event-ID", ge=0, le=2**62)] = None,
) -> ServerSentEvent:
    """First each job that has not ended; after `Last-Event-ID` also what has changed since."""
    login_id = await _login(request, state, token)
    async with state.hub.lookups, state.pool.connection() as connection:
        user = await store.find_user(connection, login_id)
    if user is None:
        raise TokenInvalid
    request.on_end.enter_context(state.streams.hold(login_id))
    return ServerSentEvent(
        closed_with(request.scope, user_events(state.pool, state.hub, login_id, user, last_event_id))
    )


@websocket("/ws/analysis/{job_id:uuid}", opt={"right": "job:view", "policy": "public"})
async def job_socket(
    socket: Socket, job_id: FromPath[UUID], token: Annotated[str | None, QueryParameter()] = None
) -> None:
    # No longest token: a handshake that is refused carries no close code.
    await serve_socket(socket, job_id, token)


async def _login(request: BoundedRequest, state: AppState, token: str | None) -> UUID:
    async with state.hub.lookups:
        return await login_of(state.pool, state.settings.signing_keys, token or bearer_token(request))


routes = Router("/", route_handlers=[ticket, job_events, all_events, job_socket], tags=["Live"])
