"""The state and the result of an analysis, through the cache: permission and version first, then the body."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import msgspec
from psycopg_pool import AsyncConnectionPool

from koodtx.analysis import store
from koodtx.analysis.cache import PROGRESS_S, RESULT_S, Cache
from koodtx.analysis.messages import KINDS, AnalysisHistory, analysis_state
from koodtx.errors import NotFound
from koodtx.jobs import store as jobs
from koodtx.jobs.messages import ENDED, Job
from koodtx.keyset import place_of


async def progress(pool: AsyncConnectionPool, cache: Cache, user_id: int, job_id: UUID) -> bytes:
    """An AnalysisState. Raises NotFound."""
    return await _of_job(pool, cache, user_id, job_id, "progress", PROGRESS_S, analysis_state)


async def result(pool: AsyncConnectionPool, cache: Cache, user_id: int, job_id: UUID) -> bytes:
    """An AnalysisResult. Raises NotFound."""
    return await _of_job(pool, cache, user_id, job_id, "result", RESULT_S, _result_of)


async def history(pool: AsyncConnectionPool, user_id: int, before: str | None, limit: int) -> AnalysisHistory:
    """A page, never from the cache: which jobs there are may be as it was before. Raises Invalid: `before` is wrong."""
    place = place_of(before, UUID)
    async with pool.connection() as connection:
        rows = await jobs.list_own(connection, user_id, tasks=KINDS, before=place, limit=limit)
    cursor = rows[-1].place.cursor() if len(rows) == limit else None
    return AnalysisHistory([analysis_state(job) for job in rows], cursor)


async def _of_job(
    pool: AsyncConnectionPool, cache: Cache, user_id: int, job_id: UUID, what: str, lifetime_s: int,
    show: Callable[[Job], Any],
) -> bytes:  # fmt: skip
    async with pool.connection() as connection:
        version = await store.job_version(connection, user_id, job_id)
    if version is None:
        raise NotFound

    async def make() -> bytes:
        async with pool.connection() as connection:
            job = await jobs.get_job(connection, job_id)
        if job is None:
            raise NotFound
        return msgspec.json.encode(show(job))

    return await cache.get(f"{what}:{job_id}:{version}", lifetime_s, make)


def _result_of(job: Job) -> dict[str, Any]:
    """An AnalysisResult. What was found passes through as the database has it."""
    result = job.result if job.status in ENDED else None
    return {"job_id": job.id, "kind": job.task, "status": job.status, "error": job.error, "result": result}
