"""/api/v1/admin/jobs, /api/v1/admin/workers: what takes the place of a queue monitor."""

from typing import Annotated
from uuid import UUID

from litestar import Router, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from koodtx.app_state import AppState
from koodtx.errors import Invalid, NotFound
from koodtx.jobs import examples, notify, store
from koodtx.jobs.messages import Job, JobCount, JobFilter, JobList, JobState, Lane, Status, WorkerList, state_of

_Text = Annotated[str | None, QueryParameter(min_length=1, max_length=64, pattern="^[^\\x00]*$")]


@get(
    "/jobs",
    operation_id="listAllJobs",
    summary="The newest jobs of everybody",
    opt={"examples": {"200": {"one job": examples.JOBS}}},
)
async def jobs(
    state: AppState,
    task: _Text = None,
    lane: Annotated[Lane | None, QueryParameter(description="Only these.")] = None,
    status: Annotated[Status | None, QueryParameter(description="Only these.")] = None,
    username: _Text = None,
    limit: Annotated[int, QueryParameter(ge=1, le=1000)] = 50,
) -> JobList:
    async with state.pool.connection() as connection:
        found = await store.list_jobs(connection, task=task, lane=lane, status=status, username=username, limit=limit)
    return JobList([state_of(job) for job in found])


@post(
    "/jobs/{job_id:uuid}/retry",
    operation_id="retryAnyJob",
    summary="Queue a job again that failed or was cancelled",
    status_code=200,
    opt={"right": "job:any", "examples": {"200": {"done": examples.RETRIED}}},
)
async def retry(state: AppState, job_id: FromPath[UUID]) -> JobState:
    async with state.pool.connection() as connection:
        job = await store.retry_job(connection, job_id)
    return await _changed(state, job)


@post(
    "/jobs/{job_id:uuid}/cancel",
    operation_id="cancelAnyJob",
    summary="Cancel a job that has not ended",
    status_code=200,
    opt={"right": "job:any", "examples": {"200": {"done": examples.CANCELLED}}},
)
async def cancel(state: AppState, job_id: FromPath[UUID]) -> JobState:
    async with state.pool.connection() as connection:
        job = await store.cancel_job(connection, job_id)
    return await _changed(state, job)


@post(
    "/jobs/retry",
    operation_id="retryJobs",
    summary="Queue jobs again that failed or were cancelled, by a filter",
    status_code=200,
    opt={"examples": {"request": {"of a task": examples.FAILED}, "200": {"done": examples.COUNT}}},
)
async def retry_many(state: AppState, data: JSONBody[JobFilter]) -> JobCount:
    _require_one(data)
    async with state.pool.connection() as connection:
        found = await store.retry_jobs(connection, data)
    return await _publish(state, found)


@post(
    "/jobs/cancel",
    operation_id="cancelJobs",
    summary="Cancel jobs that have not ended, by a filter",
    status_code=200,
    opt={"examples": {"request": {"of a user": examples.OF_A_USER}, "200": {"done": examples.COUNT}}},
)
async def cancel_many(state: AppState, data: JSONBody[JobFilter]) -> JobCount:
    _require_one(data)
    async with state.pool.connection() as connection:
        found = await store.cancel_jobs(connection, data)
    return await _publish(state, found)


@get(
    "/workers",
    operation_id="listWorkers",
    summary="The workers that are alive",
    opt={"examples": {"200": {"one worker": examples.WORKERS}}},
)
async def workers(state: AppState) -> WorkerList:
    async with state.pool.connection() as connection:
        return WorkerList(await store.list_workers(connection))


def _require_one(wanted: JobFilter) -> None:
    """So that an empty body does not end everything."""
    if wanted == JobFilter():
        raise Invalid("a filter has at least one field: task, lane, status or username")


async def _changed(state: AppState, job: Job | None) -> JobState:
    if job is None:
        raise NotFound("there is no such job in such a state")
    await _publish(state, [job])
    return state_of(job)


async def _publish(state: AppState, changed: list[Job]) -> JobCount:
    for job in changed:
        await notify.publish_state(state.redis, job)
    for lane in {job.lane for job in changed if job.status == "queued"}:
        await notify.wake_worker(state.redis, lane)
    return JobCount(len(changed))


routes = Router(
    "/api/v1/admin",
    route_handlers=[jobs, retry, cancel, retry_many, cancel_many, workers],
    opt={"policy": "admin"},
    tags=["Admin"],
)
