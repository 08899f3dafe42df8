"""A message through Redis that schedulers should read the schedules now. One that is lost costs five seconds."""

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

CHANNEL = "koodtx:schedules"

_log = structlog.get_logger("koodtx.schedules")


async def wake_schedulers(redis: Redis | None) -> int:
    """Returns how many schedulers have received it."""
    if redis is None:
        return 0
    try:
        received: int = await redis.publish(CHANNEL, "look")
    except (RedisError, OSError) as error:
        _log.warning("no scheduler was reached; they read the schedules themselves", error=type(error).__name__)
        return 0
    return received
