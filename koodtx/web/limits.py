"""Rate limits, counted in Redis; in this process alone while Redis is away, so that nothing stops for it."""

import time
from collections import OrderedDict

from redis.asyncio import Redis
from redis.exceptions import RedisError

from koodtx.errors import TooMany

_MAX_LOCAL_KEYS = 100_000


class Limiter:
    """Fixed windows: at most `limit` hits of a key in each."""

    def __init__(self, redis: "Redis | None") -> None:
        self._redis = redis
        self._local: OrderedDict[tuple[str, int], int] = OrderedDict()

    async def hit(self, key: str, limit: int, window_s: int = 60) -> None:
        """Counts one. Raises TooMany with the seconds to wait above the limit; 0 is no limit."""
        if limit == 0:
            return
        window, passed = divmod(int(time.time()), window_s)
        if await self._count(key, window, window_s) > limit:
            raise TooMany(f"more than {limit} in {window_s} s", retry_after_s=window_s - passed)

    async def _count(self, key: str, window: int, window_s: int) -> int:
        if self._redis is None:
            return self._count_local(key, window)
        name = f"koodtx:limit:{key}:{window}"
        try:
            async with self._redis.pipeline(transaction=False) as pipe:
                pipe.incr(name)
                pipe.expire(name, window_s)
                count, _ = await pipe.execute()
        except (RedisError, OSError):
            return self._count_local(key, window)
        return int(count)

    def _count_local(self, key: str, window: int) -> int:
        count = self._local.pop((key, window), 0) + 1
        self._local[key, window] = count
        while len(self._local) > _MAX_LOCAL_KEYS:
            self._local.popitem(last=False)
        return count
