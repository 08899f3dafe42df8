"""Messages through Redis: that a worker should look for jobs, that a job has changed, that somebody lost a right.

Everything they say is also in the database: a message that is lost only costs time.
"""

import msgspec
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from koodtx.jobs.messages import Job, PublishedState, state_of

# Wake-ups are hints: more than these need not be kept.
_KEPT = 1000

# Where it is published that rights to view jobs may have changed.
RIGHTS_CHANNEL = "koodtx:rights"

_log = structlog.get_logger("koodtx.jobs")


def stream_of(lane: str) -> str:
    """Where the workers of a lane wait."""
    return f"koodtx:wake-up:{lane}"


def channel_of(job_id: object) -> str:
    """Where the changes of a job are published."""
    return f"koodtx:job:{job_id}"


async def wake_worker(redis: Redis | None, lane: str) -> None:
    """Wakes one worker of a lane up. To be called after the commit."""
    if redis is not None:
        try:
            await redis.xadd(stream_of(lane), {"look": "1"}, maxlen=_KEPT, approximate=True)
        except (RedisError, OSError) as error:
            _log.warning("no worker could be woken up; they look for jobs themselves", error=type(error).__name__)


async def publish_state(redis: Redis | None, job: Job) -> None:
    """Publishes the state of a job to its listeners. To be called after the commit."""
    if redis is not None:
        try:
            body = msgspec.json.encode(PublishedState(state_of(job), job.user_id))
            await redis.publish(channel_of(job.id), body)
        except (RedisError, OSError) as error:
            _log.warning("a change was not published; listeners look for it themselves", error=type(error).__name__)


async def publish_rights(redis: Redis | None) -> None:
    """Has listeners checked who may not view their job any more. To be called after the commit."""
    if redis is not None:
        try:
            await redis.publish(RIGHTS_CHANNEL, "")
        except (RedisError, OSError) as error:
            _log.warning("a change of rights was not published; listeners look for it", error=type(error).__name__)
