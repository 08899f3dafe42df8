"""/api/v1/jobs: a user's own jobs."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Router, delete, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, QueryParameter

from koodtx.app_state import AppState
from koodtx.errors import TooMany
from koodtx.jobs import examples, own, store
from koodtx.jobs.messages import JobPage, JobState, Status, state_of
from koodtx.jobs.results import result_of, result_structs
from koodtx.jobs.task import TASKS
from koodtx.keyset import MAX_CURSOR_LENGTH, place_of
from koodtx.web.body import BoundedRequest
from koodtx.web.openapi.declare import written_reply

_Text = Annotated[str | None, QueryParameter(min_length=1, max_length=64, pattern="^[^\\x00]*$")]


@get(
    "/",
    operation_id="listJobs",
    summary="My jobs, newest first",
    opt={"right": "job:list", "examples": {"200": {"one job": examples.PAGE}}},
)
async def list_own(
    request: BoundedRequest,
    state: AppState,
    task: _Text = None,
    status: Annotated[Status | None, QueryParameter(description="Only these.")] = None,
    session_id: _Text = None,
    before: Annotated[
        str | None, QueryParameter(max_length=MAX_CURSOR_LENGTH, description="`next` of the page before.")
    ] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=100)] = 50,
) -> JobPage:
    async with state.pool.connection() as connection:
        jobs = await store.list_own(
            connection,
            request.user.user_id,
            tasks=None if task is None else [task],
            status=status,
            session_id=session_id,
            before=place_of(before, UUID),
            limit=limit,
        )
    return JobPage([state_of(job) for job in jobs], jobs[-1].place.cursor() if len(jobs) == limit else None)


@get(
    "/{job_id:uuid}",
    operation_id="getJob",
    summary="How far a job is",
    opt={"right": "job:view", "examples": {"200": {"running": examples.STATE, "completed": examples.FINISHED}}},
)
async def read(request: BoundedRequest, state: AppState, job_id: FromPath[UUID]) -> JobState:
    return state_of(await own.read(state.pool, request.user.user_id, job_id))


@delete(
    "/{job_id:uuid}",
    operation_id="endJob",
    summary="Cancel a job, or delete one that has ended",
    status_code=204,
    opt={"right": "job:own"},
)
async def end(request: BoundedRequest, state: AppState, job_id: FromPath[UUID]) -> None:
    await own.end(state.pool, state.redis, request.user.user_id, job_id)


@post(
    "/{job_id:uuid}/retry",
    operation_id="retryJob",
    summary="Queue a job again that failed or was cancelled",
    status_code=200,
    opt={"right": "job:own", "errors": [TooMany], "examples": {"200": {"done": examples.RETRIED}}},
)
async def retry(request: BoundedRequest, state: AppState, job_id: FromPath[UUID]) -> JobState:
    max_waiting = state.settings.max_user_jobs
    return state_of(await own.retry(state.pool, state.redis, request.user.user_id, job_id, max_waiting=max_waiting))


def _result_route() -> HTTPRouteHandler:
    """Documented by the tasks that are registered when the application is made."""

    @get(
        "/{job_id:uuid}/result",
        operation_id="getJobResult",
        summary="The result of a job, null until it has ended",
        responses={200: written_reply(*result_structs(TASKS.values()))},
        opt={"right": "job:view", "examples": {"200": {"not yet": examples.NO_RESULT}}},
    )
    async def result(request: BoundedRequest, state: AppState, job_id: FromPath[UUID]) -> dict[str, Any]:
        return result_of(await own.read(state.pool, request.user.user_id, job_id))

    return result


def make_routes() -> Router:
    return Router(
        "/api/v1/jobs",
        route_handlers=[list_own, read, _result_route(), end, retry],
        # Tasks are known when the application is made.
        opt={"policy": "user", "enums": {"JobState.task": sorted(TASKS), "AnalysisState.kind": sorted(TASKS)}},
        tags=["Jobs"],
    )
