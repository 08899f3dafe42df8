"""A user's own jobs: read, cancel, delete, repeat. `store.may` decides about each."""

from uuid import UUID

from psycopg_pool import AsyncConnectionPool
from redis.asyncio import Redis

from koodtx.database.query import Connection
from koodtx.errors import NotFound, TooMany
from koodtx.jobs import notify, store
from koodtx.jobs.messages import Job

_RETRY_AFTER_S = 60


async def read(pool: AsyncConnectionPool, user_id: int, job_id: UUID) -> Job:
    """Raises NotFound."""
    async with pool.connection() as connection:
        is_allowed = await store.may(connection, user_id, job_id, "view") is not None
        job = await store.get_job(connection, job_id) if is_allowed else None
    if job is None:
        raise NotFound
    return job


async def end(pool: AsyncConnectionPool, redis: Redis | None, user_id: int, job_id: UUID) -> None:
    """Cancels the job, or deletes it if it has ended. Raises NotFound."""
    async with pool.connection() as connection:
        if await store.may(connection, user_id, job_id, "end") is None:
            raise NotFound
        cancelled = await store.cancel_job(connection, job_id)
        if cancelled is None:
            await store.delete_job(connection, job_id)
    if cancelled is not None:
        await notify.publish_state(redis, cancelled)


async def retry(pool: AsyncConnectionPool, redis: Redis | None, user_id: int, job_id: UUID, *, max_waiting: int) -> Job:
    """Queues a job again that failed or was cancelled. Raises NotFound, TooMany."""
    async with pool.connection() as connection, connection.transaction():
        if await store.may(connection, user_id, job_id, "retry") is None:
            raise NotFound
        await check_limit(connection, user_id, max_waiting, is_due=True)
        job = await store.retry_job(connection, job_id)
    if job is None:
        raise NotFound("there is no such job that failed or was cancelled")
    await notify.publish_state(redis, job)
    await notify.wake_worker(redis, job.lane)
    return job


async def check_limit(connection: Connection, user_id: int, max_waiting: int, *, is_due: bool) -> None:
    """Jobs that are due and jobs for later are limited by themselves; 0: no limit. Raises TooMany."""
    if max_waiting and await store.count_waiting(connection, user_id, is_due=is_due) >= max_waiting:
        raise TooMany(f"{max_waiting} of your jobs are waiting", retry_after_s=_RETRY_AFTER_S)
