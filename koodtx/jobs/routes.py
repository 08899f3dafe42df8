"""For administrators: what takes the place of a queue monitor."""

from typing import Annotated
from uuid import UUID

from litestar import Router, get, post
from litestar.params import FromPath, QueryParameter

from koodtx.app_state import AppState
from koodtx.errors import NotFound
from koodtx.jobs import examples, notify, store
from koodtx.jobs.messages import JobList, JobState, Status, WorkerList, state_of


@get("/jobs", summary="The newest jobs of everybody", opt={"examples": {"200": {"one job": examples.JOBS}}})
async def jobs(
    state: AppState,
    status: Annotated[Status | None, QueryParameter(description="Only these.")] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=1000)] = 50,
) -> JobList:
    async with state.pool.connection() as connection:
        return JobList([state_of(job) for job in await store.list_jobs(connection, status=status, limit=limit)])


@post(
    "/jobs/{job_id:uuid}/retry",
    summary="Queue a job that failed or was cancelled anew",
    status_code=200,
    opt={"examples": {"200": {"done": examples.RETRIED}}},
)
async def retry(state: AppState, job_id: FromPath[UUID]) -> JobState:
    return await _end(state, job_id, is_retry=True)


@post(
    "/jobs/{job_id:uuid}/cancel",
    summary="Cancel a job that has not ended",
    status_code=200,
    opt={"examples": {"200": {"done": examples.CANCELLED}}},
)
async def cancel(state: AppState, job_id: FromPath[UUID]) -> JobState:
    return await _end(state, job_id, is_retry=False)


@get("/workers", summary="The workers that are alive", opt={"examples": {"200": {"one worker": examples.WORKERS}}})
async def workers(state: AppState) -> WorkerList:
    async with state.pool.connection() as connection:
        return WorkerList(await store.list_workers(connection))


async def _end(state: AppState, job_id: UUID, *, is_retry: bool) -> JobState:
    async with state.pool.connection() as connection:
        job = await store.end_job(connection, job_id, is_retry=is_retry)
    if job is None:
        raise NotFound("there is no such job in such a state")
    await notify.publish_state(state.redis, job)
    await notify.wake_worker(state.redis)
    return state_of(job)


routes = Router("/api/v1/admin", route_handlers=[jobs, retry, cancel, workers], opt={"policy": "admin"}, tags=["Admin"])
