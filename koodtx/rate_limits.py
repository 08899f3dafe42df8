"""Rate limits, counted in Redis. While Redis is not reachable, each process counts for itself, and requests go on."""

import time
from collections import Counter, OrderedDict
from collections.abc import Hashable, Iterator
from contextlib import contextmanager, suppress
from ipaddress import IPv6Address, IPv6Network, ip_address

from redis.asyncio import Redis
from redis.exceptions import RedisError

from koodtx.errors import TooMany

_MAX_LOCAL_KEYS = 100_000


class Limiter:
    """Counts in fixed windows: at most `limit` hits of a key per window."""

    def __init__(self, redis: Redis | None) -> None:
        self._redis = redis
        self._local: OrderedDict[tuple[str, int], int] = OrderedDict()

    async def hit(self, key: str, limit: int, window_s: int = 60) -> None:
        """Counts one hit. Raises TooMany with the seconds to wait above the limit; the limit 0 means unlimited."""
        if limit == 0:
            return
        window, passed = divmod(int(time.time()), window_s)
        if await self._count(key, window, window_s) > limit:
            raise TooMany(f"more than {limit} requests in {window_s} s", retry_after_s=window_s - passed)

    async def remember(self, key: str, for_s: int) -> None:
        """Has `remembers` return True for this time. Without effect while Redis is not reachable."""
        if self._redis is not None:
            with suppress(RedisError, OSError):
                await self._redis.set(f"koodtx:known:{key}", 1, ex=for_s)

    async def remembers(self, key: str) -> bool:
        if self._redis is None:
            return False
        try:
            return bool(await self._redis.exists(f"koodtx:known:{key}"))
        except (RedisError, OSError):
            return False

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


class AtOnce:
    """Counts what one key does at the same time in this process: at most `limit`; 0 means unlimited."""

    def __init__(self, limit: int, what: str, *, retry_after_s: int = 1) -> None:
        self._limit = limit
        self._what = what
        self._retry_after_s = retry_after_s
        self._counts: Counter[Hashable] = Counter()

    @contextmanager
    def hold(self, key: Hashable) -> Iterator[None]:
        """Counts one until the block ends. Raises TooMany above the limit."""
        if self._limit and self._counts[key] >= self._limit:
            raise TooMany(f"more than {self._limit} {self._what} at the same time", retry_after_s=self._retry_after_s)
        self._counts[key] += 1
        try:
            yield
        finally:
            self._counts[key] -= 1
            if not self._counts[key]:
                del self._counts[key]


def address_key(address: str) -> str:
    """Returns what addresses are counted by: the /64 network of an IPv6 address, since one subscriber has all of it."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return address
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(IPv6Network((int(parsed), 64), strict=False))
