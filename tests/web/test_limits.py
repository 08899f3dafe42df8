"""Rate limits, with Redis and without."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from types import SimpleNamespace

import pytest
from redis.asyncio import Redis

from koodtx.errors import TooMany
from koodtx.web import limits
from koodtx.web.limits import Limiter

pytestmark = [pytest.mark.integration]

# So long that no window ends during a test.
WINDOW_S = 1_000_000_000


@asynccontextmanager
async def limiter_on(url: str | None) -> AsyncIterator[Limiter]:
    redis = Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1) if url else None
    try:
        yield Limiter(redis)
    finally:
        if redis is not None:
            await redis.aclose()


async def hits(limiter: Limiter, key: str, limit: int, times: int) -> int:
    """How many of `times` hits go through."""
    passed = 0
    for _ in range(times):
        with suppress(TooMany):
            await limiter.hit(key, limit, WINDOW_S)
            passed += 1
    return passed


@pytest.fixture(params=["redis", "without Redis", "Redis away"])
def url(request: pytest.FixtureRequest) -> str | None:
    if request.param == "redis":
        found: str = request.getfixturevalue("redis_url")
        return found
    return None if request.param == "without Redis" else "redis://127.0.0.1:1"


def run(url: str | None, work: Callable[[Limiter], object]) -> object:
    async def main() -> object:
        async with limiter_on(url) as limiter:
            return await work(limiter)  # type: ignore[misc]

    return asyncio.run(main())


def test_limit_lets_so_many_through(url: str | None) -> None:
    assert run(url, lambda limiter: hits(limiter, "a", 3, 5)) == 3


def test_limit_tells_how_long_to_wait(url: str | None) -> None:
    async def refused(limiter: Limiter) -> int | None:
        await limiter.hit("a", 1, WINDOW_S)
        with pytest.raises(TooMany) as raised:
            await limiter.hit("a", 1, WINDOW_S)
        return raised.value.retry_after_s

    seconds = run(url, refused)
    assert isinstance(seconds, int)
    assert 0 < seconds <= WINDOW_S


def test_limit_counts_each_key_alone(url: str | None) -> None:
    async def both(limiter: Limiter) -> tuple[int, int]:
        return await hits(limiter, "a", 3, 5), await hits(limiter, "b", 3, 2)

    assert run(url, both) == (3, 2)


def test_limit_of_zero_is_no_limit(url: str | None) -> None:
    assert run(url, lambda limiter: hits(limiter, "a", 0, 50)) == 50


def test_limit_holds_for_hits_at_once(url: str | None) -> None:
    async def at_once(limiter: Limiter) -> int:
        return sum(await asyncio.gather(*(hits(limiter, "a", 5, 1) for _ in range(20))))

    assert run(url, at_once) == 5


def test_limit_begins_again_with_each_window(url: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_760_000_000.0
    monkeypatch.setattr(limits, "time", SimpleNamespace(time=lambda: now))

    async def in_two_windows(limiter: Limiter) -> tuple[int, int]:
        nonlocal now
        first = await hits(limiter, "a", 1, 3)
        now += WINDOW_S
        return first, await hits(limiter, "a", 1, 3)

    assert run(url, in_two_windows) == (1, 1)


def test_limit_is_shared_by_processes_through_redis(redis_url: str) -> None:
    assert run(redis_url, lambda limiter: hits(limiter, "a", 3, 2)) == 2
    assert run(redis_url, lambda limiter: hits(limiter, "a", 3, 2)) == 1


def test_limit_leaves_nothing_in_redis_for_ever(redis_url: str) -> None:
    async def expiries(limiter: Limiter) -> list[int]:
        await limiter.hit("a", 3, 60)
        async with Redis.from_url(redis_url) as redis:
            return [await redis.ttl(key) for key in await redis.keys("*")]

    found = run(redis_url, expiries)
    assert isinstance(found, list)
    assert [0 < seconds <= 60 for seconds in found] == [True]
