"""What one listener is sent, whichever way it listens."""

import asyncio
import time
from collections.abc import AsyncIterator
from uuid import UUID

from psycopg_pool import AsyncConnectionPool

from koodtx.errors import NotFound
from koodtx.jobs import store as jobs
from koodtx.jobs.messages import ENDED, Job, state_of
from koodtx.live import store
from koodtx.live.hub import Hub, Listener
from koodtx.live.messages import AccessLost, Connected, Message, Ping, last_of, progress_of

PING_EVERY_S = 30.0
AT_MOST_EVERY_S = 0.5


async def watch(
    pool: AsyncConnectionPool, hub: Hub, login_id: UUID, job_id: UUID
) -> AsyncIterator[tuple[int, Message]]:
    """Yields messages, each with its version, until the job has ended. Raises NotFound, AccessLost.

    Whenever a client comes, it gets the state as it is and then what is newer; the last message is always the end.
    """
    with hub.listener(login_id, job_id) as listener:
        job = await read_job(pool, hub, login_id, job_id)
        yield job.version, Connected(job.id, job.status, job.progress)
        listener.offer(state_of(job))
        async for message in _changes(pool, hub, listener):
            yield message


async def read_job(pool: AsyncConnectionPool, hub: Hub, login_id: UUID, job_id: UUID) -> Job:
    """The job, if the login may watch it. Raises NotFound."""
    async with hub.lookups, pool.connection() as connection:
        is_allowed = await store.watch_job(connection, login_id, job_id)
        job = await jobs.get_job(connection, job_id) if is_allowed else None
    if job is None:
        raise NotFound
    return job


async def has_seen_the_end(
    pool: AsyncConnectionPool, hub: Hub, login_id: UUID, job_id: UUID, last_version: int
) -> bool:
    """Returns whether the login may watch the job, and the job had ended by the version that the client has seen."""
    try:
        job = await read_job(pool, hub, login_id, job_id)
    except NotFound:
        return False
    return job.status in ENDED and last_version >= job.version


async def _changes(pool: AsyncConnectionPool, hub: Hub, listener: Listener) -> AsyncIterator[tuple[int, Message]]:
    # By the clock, not by the silence: a client may rely on pings as the only sign of life.
    ping_at = time.monotonic() + PING_EVERY_S
    while True:
        state = await listener.next(ping_at - time.monotonic())
        if time.monotonic() >= ping_at:
            yield listener.version, Ping()
            ping_at = time.monotonic() + PING_EVERY_S
        if state is None:
            continue
        yield state.version, progress_of(state)
        if state.status in ENDED:
            try:
                job = await read_job(pool, hub, listener.login_id, listener.job_id)
            except NotFound as error:
                raise AccessLost from error
            yield state.version, last_of(job)
            return
        await asyncio.sleep(AT_MOST_EVERY_S)
