"""Bodies of replies in Redis. It holds no permissions: those are asked for first, and the answer gives the version."""

from collections.abc import Awaitable, Callable

import structlog
from redis import Redis as SyncRedis
from redis.asyncio import Redis
from redis.exceptions import RedisError

from koodtx import __version__
from koodtx.analysis.messages import CacheStats

RESULT_S = 24 * 3600
PROGRESS_S = 60

_BODIES = "koodtx:cache:"
# A body is as the version of the service that wrote it had it.
_PREFIX = f"{_BODIES}{__version__}:"
_COUNTS = "koodtx:cache-counts"

_log = structlog.get_logger("koodtx.analysis")


class Cache:
    """Keys hold a version that changes with what they show and never comes a second time: nothing needs dropping.

    Without Redis it is empty.
    """

    def __init__(self, redis: Redis | None) -> None:
        self._redis = redis

    async def get(self, key: str, lifetime_s: int, make: Callable[[], Awaitable[bytes]]) -> bytes:
        """The body under `key`, made and kept if it is not there."""
        if self._redis is None:
            return await make()
        try:
            body = await self._redis.get(_PREFIX + key)
            await self._redis.hincrby(_COUNTS, "misses" if body is None else "hits", 1)
            if body is None:
                body = await make()
                await self._redis.set(_PREFIX + key, body, ex=lifetime_s)
        except (RedisError, OSError) as error:
            _log.warning("the cache is away", error=type(error).__name__)
            return await make()
        assert isinstance(body, bytes)
        return body

    async def stats(self) -> CacheStats:
        """Zeros while Redis is away."""
        try:
            counts = await self._redis.hgetall(_COUNTS) if self._redis is not None else {}
        except (RedisError, OSError):
            counts = {}
        hits, misses = int(counts.get(b"hits", 0)), int(counts.get(b"misses", 0))
        return CacheStats(hits, misses, hits / (hits + misses) if hits + misses else None)


def clear(redis_url: str) -> int:
    """Drops every body; how many there were."""
    with SyncRedis.from_url(redis_url) as redis:
        return sum(redis.delete(key) for key in redis.scan_iter(match=_BODIES + "*", count=1000))
