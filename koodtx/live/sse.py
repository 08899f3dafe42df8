"""The same messages as server-sent events."""

from collections.abc import AsyncIterator
from uuid import UUID

import msgspec
from litestar.response import ServerSentEventMessage
from psycopg_pool import AsyncConnectionPool

from koodtx.jobs.messages import ENDED
from koodtx.live.hub import AccessLostError, Hub
from koodtx.live.messages import Connected, Failed, Message, Ping, Progress
from koodtx.live.watch import watch


async def events(
    pool: AsyncConnectionPool, hub: Hub, login_id: UUID, job_id: UUID, last_version: int
) -> AsyncIterator[ServerSentEventMessage]:
    """Unnamed events with the job's version as their id. Those up to `last_version` are left out."""
    try:
        async for version, message in watch(pool, hub, login_id, job_id):
            if isinstance(message, Ping):
                yield ServerSentEventMessage(comment="ping")
            elif version > last_version:
                yield ServerSentEventMessage(data=msgspec.json.encode(message).decode(), id=_id(version, message))
    except AccessLostError as error:
        yield ServerSentEventMessage(data=msgspec.json.encode(Failed(job_id, str(error))).decode())


def _id(version: int, message: Message) -> str | None:
    """None for what comes before the last message of a job that has ended: who has that id needs nothing more."""
    is_before_last = isinstance(message, Connected | Progress) and message.status in ENDED
    return None if is_before_last else str(version)
