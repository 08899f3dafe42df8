"""WebSocket, server-sent events, tickets."""

from typing import Annotated
from uuid import UUID

from litestar import Response, Router, get, post, websocket
from litestar.datastructures import State
from litestar.params import FromPath, HeaderParameter, QueryParameter
from litestar.response import ServerSentEvent

from koodtx.jobs.messages import ENDED
from koodtx.live.events import events
from koodtx.live.messages import Ticket
from koodtx.live.socket import Socket, serve_socket
from koodtx.live.tickets import family_of, make_ticket
from koodtx.live.watch import read_job
from koodtx.web.body import BoundedRequest

Token = Annotated[str | None, QueryParameter(max_length=4096, description="An access token, or better a ticket.")]


@post("/api/v1/tickets", summary="Get a ticket for one WebSocket or event stream", opt={"policy": "user"})
async def ticket(request: BoundedRequest, state: State) -> Ticket:
    """It works once, within 30 s."""
    return await make_ticket(state.pool, request.user.family_id)


# The policy is public because browsers cannot send a header here: the token in the query is checked instead.
@get("/api/v1/analysis/{job_id:uuid}/events", summary="Watch a job: server-sent events", opt={"policy": "public"})
async def job_events(
    request: BoundedRequest,
    state: State,
    job_id: FromPath[UUID],
    token: Token = None,
    last_event_id: Annotated[int, HeaderParameter(name="Last-Event-ID", ge=0, le=2**62)] = 0,
) -> ServerSentEvent | Response[None]:
    """The token may also come as `Authorization: Bearer`. 204: there is nothing to wait for."""
    bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
    family_id = await family_of(request, token or bearer)
    job = await read_job(state.pool, family_id, job_id)
    if job.status in ENDED and last_event_id >= job.version:
        return Response(None, status_code=204)
    return ServerSentEvent(events(state.pool, state.hub, family_id, job_id, last_event_id))


@websocket("/ws/analysis/{job_id:uuid}", opt={"policy": "public"})
async def job_socket(socket: Socket, job_id: FromPath[UUID], token: Token = None) -> None:
    await serve_socket(socket, job_id, token)


routes = Router("/", route_handlers=[ticket, job_events, job_socket], tags=["Analysis"])
