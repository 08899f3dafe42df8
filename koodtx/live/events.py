"""The same messages as server-sent events."""

from collections.abc import AsyncIterator
from uuid import UUID

import msgspec
from litestar.response import ServerSentEventMessage
from psycopg_pool import AsyncConnectionPool

from koodtx.live.hub import AccessLostError, Hub
from koodtx.live.messages import Failed, Ping
from koodtx.live.watch import watch


async def events(
    pool: AsyncConnectionPool, hub: Hub, family_id: UUID, job_id: UUID, last_version: int
) -> AsyncIterator[ServerSentEventMessage]:
    """Unnamed events, their id the job's version. Those up to `last_version` are left out."""
    try:
        async for version, message in watch(pool, hub, family_id, job_id):
            if isinstance(message, Ping):
                yield ServerSentEventMessage(comment="ping")
            elif version > last_version:
                yield ServerSentEventMessage(data=msgspec.json.encode(message).decode(), id=str(version))
    except AccessLostError as error:
        yield ServerSentEventMessage(data=msgspec.json.encode(Failed(job_id, str(error))).decode())
