"""What is got ready ahead: one item, and nothing is left behind."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from koodtx.sync.prefetch import one_ahead

pytestmark = [pytest.mark.unit, pytest.mark.sync]


class Source:
    """Counts the numbers it gave. `fails_at`: the one that cannot be had."""

    def __init__(self, size: int, fails_at: int | None = None, pause_s: float = 0) -> None:
        self.given = 0
        self.cancelled = False
        self._size = size
        self._fails_at = fails_at
        self._pause_s = pause_s

    async def numbers(self) -> AsyncGenerator[int]:
        for number in range(self._size):
            if number == self._fails_at:
                raise ConnectionError
            try:
                await asyncio.sleep(self._pause_s if number else 0)
            except asyncio.CancelledError:
                self.cancelled = True
                raise
            self.given += 1
            yield number


def test_of_a_slow_caller_only_one_item_is_ahead() -> None:
    source = Source(10)

    async def use() -> list[int]:
        received = []
        async for number in one_ahead(source.numbers()):
            received.append(number)
            await asyncio.sleep(0.01)
            assert source.given <= number + 2
        return received

    assert asyncio.run(use()) == list(range(10))


def test_an_error_comes_after_the_items_before_it() -> None:
    received = []

    async def use() -> None:
        async for number in one_ahead(Source(5, fails_at=2).numbers()):
            received.append(number)

    with pytest.raises(ConnectionError):
        asyncio.run(use())
    assert received == [0, 1]


def test_a_caller_who_leaves_ends_what_is_under_way() -> None:
    source = Source(5, pause_s=60)

    async def use() -> int:
        async with aclosing(one_ahead(source.numbers())) as items:
            assert await anext(items) == 0
            await asyncio.sleep(0.01)
        return len(asyncio.all_tasks())

    assert asyncio.run(use()) == 1
    assert source.cancelled
