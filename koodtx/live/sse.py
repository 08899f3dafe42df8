"""Server-sent events: of one job, and of everything of a user."""

import asyncio
import time
from collections.abc import AsyncGenerator
from uuid import UUID

import msgspec
from litestar.response import ServerSentEventMessage
from msgspec import Struct
from psycopg_pool import AsyncConnectionPool

from koodtx.jobs.messages import ENDED, state_of
from koodtx.live import store
from koodtx.live.hub import Hub
from koodtx.live.messages import AccessLost, Connected, Ended, Failed, JobProgress, Message, Ping, Watching
from koodtx.live.watch import AT_MOST_EVERY_S, PING_EVERY_S, watch


async def events(
    pool: AsyncConnectionPool, hub: Hub, login_id: UUID, job_id: UUID, last_version: int
) -> AsyncGenerator[ServerSentEventMessage]:
    """Unnamed events with the job's version as their id. Those up to `last_version` are left out."""
    try:
        async for version, message in watch(pool, hub, login_id, job_id):
            if isinstance(message, Ping):
                yield ServerSentEventMessage(comment="ping")
            elif version > last_version:
                yield ServerSentEventMessage(data=msgspec.json.encode(message).decode(), id=_id(version, message))
    except AccessLost as error:
        yield ServerSentEventMessage(data=msgspec.json.encode(Failed(job_id, str(error))).decode())


async def user_events(
    pool: AsyncConnectionPool, hub: Hub, login_id: UUID, user: store.WatchedUser, after: int | None
) -> AsyncGenerator[ServerSentEventMessage]:
    """First the state of each job that has not ended, and sessions that changed after the change number `after`.

    Events about sessions have their change number as id; those about jobs have none.
    """
    change_no = user.change_no if after is None else min(after, user.change_no)
    with hub.users.listener(login_id, user.user_id, change_no) as listener:
        async with pool.connection() as connection:
            for job in await store.recent_jobs(connection, [user.user_id]):
                listener.offer_job(state_of(job))
        yield _event(Watching())
        ping_at = time.monotonic() + PING_EVERY_S
        try:
            while True:
                for number, change in await listener.next(ping_at - time.monotonic()):
                    yield _event(change, None if number is None else str(number))
                if time.monotonic() >= ping_at:
                    yield ServerSentEventMessage(comment="ping")
                    ping_at = time.monotonic() + PING_EVERY_S
                await asyncio.sleep(AT_MOST_EVERY_S)
        except AccessLost as error:
            yield _event(Ended(str(error)))


def _event(message: Struct, event_id: str | None = None) -> ServerSentEventMessage:
    return ServerSentEventMessage(data=msgspec.json.encode(message).decode(), id=event_id)


def _id(version: int, message: Message) -> str | None:
    """None for what comes before the last message of a job that has ended: who has that id needs nothing more."""
    is_before_last = isinstance(message, Connected | JobProgress) and message.status in ENDED
    return None if is_before_last else str(version)
