"""/api/v1/analysis"""

from typing import Annotated
from uuid import UUID

from litestar import Response, Router, delete, get, post
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody, QueryParameter

from koodtx.analysis import answers, store
from koodtx.analysis.ask import ask
from koodtx.analysis.cache import Cache
from koodtx.analysis.messages import AnalysisRequest, AnalysisStarted, AnalysisStats
from koodtx.web.body import BoundedRequest


@post("/", summary="Ask a question; a job answers it", status_code=202)
async def start(request: BoundedRequest, state: State, data: JSONBody[AnalysisRequest]) -> AnalysisStarted:
    """The same question about an unchanged session is answered by the same job."""
    return await ask(state.pool, state.redis, request.user.user_id, data)


@get("/history", summary="My analyses, newest first")
async def history(
    request: BoundedRequest,
    state: State,
    limit: Annotated[int, QueryParameter(ge=1, le=100)] = 50,
    before: Annotated[UUID | None, QueryParameter(description="`next` of the page before.")] = None,
) -> Response[bytes]:
    return _json(await answers.history(state.pool, Cache(state.redis), request.user.user_id, before, limit))


@get("/stats", summary="The cache and the queue")
async def stats(state: State) -> AnalysisStats:
    async with state.pool.connection() as connection:
        queue = await store.queue(connection)
    return AnalysisStats(await Cache(state.redis).stats(), queue)


@get("/{job_id:uuid}", summary="How far a job is")
async def progress(request: BoundedRequest, state: State, job_id: FromPath[UUID]) -> Response[bytes]:
    return _json(await answers.progress(state.pool, Cache(state.redis), request.user.user_id, job_id))


@get("/{job_id:uuid}/result", summary="The answer of a job, null until it is there")
async def result(request: BoundedRequest, state: State, job_id: FromPath[UUID]) -> Response[bytes]:
    return _json(await answers.result(state.pool, Cache(state.redis), request.user.user_id, job_id))


@delete("/{job_id:uuid}", summary="Cancel a job, or forget one that has ended", status_code=204)
async def end(request: BoundedRequest, state: State, job_id: FromPath[UUID]) -> None:
    await answers.end(state.pool, state.redis, request.user.user_id, job_id)


def _json(body: bytes) -> Response[bytes]:
    return Response(body, media_type="application/json")


routes = Router(
    "/api/v1/analysis",
    route_handlers=[start, history, stats, progress, result, end],
    opt={"policy": "user"},
    tags=["Analysis"],
)
