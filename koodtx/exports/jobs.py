"""Exports of many or large sessions: requested, written by a job, downloaded by a link."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import msgspec
from psycopg_pool import AsyncConnectionPool
from redis.asyncio import Redis

from koodtx.database.query import Connection
from koodtx.errors import NotFound, TooLarge, invalid_field
from koodtx.exports import store
from koodtx.exports.messages import ExportRequest, ExportResult, ExportState, SessionFormat
from koodtx.exports.tasks import ExportArguments, export
from koodtx.jobs import notify, own
from koodtx.jobs import store as jobs
from koodtx.jobs.messages import Job
from koodtx.settings import Settings
from koodtx.storage import store as storage
from koodtx.storage.links import make_link
from koodtx.storage.objects import Objects

# As many as a body of 64 KB can name.
MAX_SESSIONS = 1000


async def submit(
    pool: AsyncConnectionPool,
    redis: Redis | None,
    user_id: int,
    wanted: ExportRequest,
    file_format: SessionFormat,
    *,
    max_waiting: int,
) -> ExportState:
    """Raises Invalid, NotFound, TooLarge, TooMany; nothing is enqueued then."""
    _check(wanted)
    async with pool.connection() as connection, connection.transaction():
        session_ids = await _session_ids(connection, user_id, wanted)
        await own.check_limit(connection, user_id, max_waiting, is_due=True)
        job_id = await export.enqueue(
            connection, ExportArguments(user_id, session_ids, file_format), subject=jobs.Subject(user_id)
        )
        job = await jobs.get_job(connection, job_id)
    assert job is not None
    await notify.wake_worker(redis, export.lane)
    return _state(job)


async def read(
    pool: AsyncConnectionPool, objects: Objects, settings: Settings, user_id: int, job_id: UUID
) -> ExportState:
    """How far an export is; when it has completed with a new link. Raises NotFound, StorageUnavailable.

    NotFound also if a session was deleted since, or may not be read any more: the right is that of now.
    """
    job = await own.read(pool, user_id, job_id)
    if job.task != export.name:
        raise NotFound
    state = _state(job)
    async with pool.connection() as connection:
        if not await store.may_download_all(connection, user_id, _arguments(job).session_ids):
            raise NotFound
        found = None if state.result is None else await storage.find_object(connection, state.result.key)
    if found is not None:
        lifetime = timedelta(seconds=settings.link_lifetime_s)
        state.link = await make_link(objects, settings.signing_keys, found.key, lifetime)
    return state


def _check(wanted: ExportRequest) -> None:
    has_period = wanted.from_at is not None or wanted.to_at is not None
    if (wanted.session_ids is not None) == has_period:
        raise invalid_field("session_ids", "or from and to are needed: send one of them")
    if has_period and wanted.from_at is None:
        raise invalid_field("from", "is missing")
    if has_period and wanted.to_at is None:
        raise invalid_field("to", "is missing")
    if wanted.from_at is not None and wanted.to_at is not None and wanted.from_at >= wanted.to_at:
        raise invalid_field("to", "must be later than from")


async def _session_ids(connection: Connection, user_id: int, wanted: ExportRequest) -> Sequence[str]:
    if wanted.session_ids is not None:
        session_ids = list(dict.fromkeys(wanted.session_ids))
        if not await store.may_download_all(connection, user_id, session_ids):
            raise NotFound("there is no such session, or it is not yours")
        return session_ids
    assert wanted.from_at is not None
    assert wanted.to_at is not None
    session_ids = await store.sessions_between(
        connection, user_id, wanted.from_at, wanted.to_at, limit=MAX_SESSIONS + 1
    )
    if not session_ids:
        raise NotFound("none of your sessions began between from and to")
    if len(session_ids) > MAX_SESSIONS:
        raise TooLarge(f"more than {MAX_SESSIONS} sessions began between from and to: export them in parts")
    return session_ids


def _arguments(job: Job) -> ExportArguments:
    return export.checked(job.arguments)


def _state(job: Job) -> ExportState:
    arguments = _arguments(job)
    return ExportState(
        job_id=job.id,
        status=job.status,
        progress=job.progress,
        message=job.message,
        error=job.error,
        format=arguments.format,
        sessions=len(arguments.session_ids),
        created_at=job.created_at,
        finished_at=job.finished_at,
        result=msgspec.convert(job.result, ExportResult) if job.status == "completed" else None,
        link=None,
    )
