"""The bell: Redis tells workers that there may be work, and listeners that a job has changed.

Everything it says is also in the database: a bell that is not heard only costs time.
"""

import msgspec
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from koodtx.jobs.messages import Job, state_of

STREAM = "koodtx:wake-up"
# Bells are hints: more than these need not be kept.
_KEPT = 1000

_log = structlog.get_logger("koodtx.jobs")


def channel_of(job_id: object) -> str:
    """Where the changes of a job are told."""
    return f"koodtx:job:{job_id}"


async def wake_worker(redis: Redis | None) -> None:
    """Wakes one worker."""
    if redis is not None:
        try:
            await redis.xadd(STREAM, {"bell": "1"}, maxlen=_KEPT, approximate=True)
        except (RedisError, OSError) as error:
            _log.warning("the bell could not be rung; workers look for themselves", error=type(error).__name__)


async def publish_state(redis: Redis | None, job: Job) -> None:
    """Tells the listeners of a job its state. To be called after the commit."""
    if redis is not None:
        try:
            await redis.publish(channel_of(job.id), msgspec.json.encode(state_of(job)))
        except (RedisError, OSError) as error:
            _log.warning("a change could not be told; listeners look for themselves", error=type(error).__name__)
