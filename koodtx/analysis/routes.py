"""/api/v1/analysis"""

from typing import Annotated, get_args
from uuid import UUID

from litestar import Response, Router, delete, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from koodtx.analysis import examples, read
from koodtx.analysis.cache import Cache
from koodtx.analysis.messages import (
    AnalysisHistory,
    AnalysisRequest,
    AnalysisResult,
    AnalysisStarted,
    AnalysisState,
    AnalysisStats,
)
from koodtx.analysis.submit import submit
from koodtx.app_state import AppState
from koodtx.errors import NotFound, TooMany
from koodtx.jobs import own, store
from koodtx.keyset import MAX_CURSOR_LENGTH
from koodtx.web.body import BoundedRequest
from koodtx.web.openapi.declare import written_reply


@post(
    "/",
    operation_id="startAnalysis",
    summary="Ask a question; a job answers it",
    status_code=202,
    opt={
        "right": "session:own",
        "errors": [NotFound, TooMany],
        "examples": {
            "request": examples.QUESTIONS,
            "202": {"a new job": examples.STARTED, "asked before": examples.REUSED},
        },
    },
)
async def start(request: BoundedRequest, state: AppState, data: JSONBody[AnalysisRequest]) -> AnalysisStarted:
    """The same question about an unchanged session is answered by the same job, also if it is asked twice at once."""
    return await submit(state.pool, state.redis, request.user.user_id, data, max_waiting=state.settings.max_user_jobs)


@get(
    "/history",
    operation_id="listAnalyses",
    summary="My analyses, newest first",
    opt={"examples": {"200": {"one job": examples.HISTORY}}},
)
async def history(
    request: BoundedRequest,
    state: AppState,
    limit: Annotated[int, QueryParameter(ge=1, le=100)] = 50,
    before: Annotated[
        str | None, QueryParameter(max_length=MAX_CURSOR_LENGTH, description="`next` of the page before.")
    ] = None,
) -> AnalysisHistory:
    return await read.history(state.pool, request.user.user_id, before, limit)


@get(
    "/stats",
    operation_id="getAnalysisStats",
    summary="The cache and the queue",
    opt={"examples": {"200": {"a busy hour": examples.STATS}}},
)
async def stats(state: AppState) -> AnalysisStats:
    async with state.pool.connection() as connection:
        queue = await store.count_unfinished(connection)
    return AnalysisStats(await Cache(state.redis).stats(), queue)


@get(
    "/{job_id:uuid}",
    operation_id="getAnalysis",
    summary="How far a job is",
    responses={200: written_reply(AnalysisState)},
    opt={"right": "job:view", "examples": {"200": {"running": examples.STATE, "completed": examples.FINISHED}}},
)
async def progress(request: BoundedRequest, state: AppState, job_id: FromPath[UUID]) -> Response[bytes]:
    return _json(await read.progress(state.pool, Cache(state.redis), request.user.user_id, job_id))


@get(
    "/{job_id:uuid}/result",
    operation_id="getResult",
    summary="The answer of a job, null until it is there",
    responses={200: written_reply(*get_args(AnalysisResult))},
    opt={"right": "job:view", "examples": {"200": examples.RESULTS}},
)
async def result(request: BoundedRequest, state: AppState, job_id: FromPath[UUID]) -> Response[bytes]:
    return _json(await read.result(state.pool, Cache(state.redis), request.user.user_id, job_id))


@delete(
    "/{job_id:uuid}",
    operation_id="endAnalysis",
    summary="Cancel a job, or delete one that has ended",
    status_code=204,
    opt={"right": "job:own"},
)
async def end(request: BoundedRequest, state: AppState, job_id: FromPath[UUID]) -> None:
    await own.end(state.pool, state.redis, request.user.user_id, job_id)


def _json(body: bytes) -> Response[bytes]:
    return Response(body, media_type="application/json")


routes = Router(
    "/api/v1/analysis",
    route_handlers=[start, history, stats, progress, result, end],
    opt={"policy": "user"},
    tags=["Analysis"],
)
