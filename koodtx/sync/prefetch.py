"""Getting the next item ready while the last one is used."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


async def one_ahead(items: AsyncIterator[Item]) -> AsyncGenerator[Item]:
    """Yields the items. While the caller uses one, a task gets the next, and no more; it ends with the caller."""

    async def get() -> Item:
        return await anext(items)

    following = asyncio.create_task(get())
    try:
        while True:
            try:
                item = await following
            except StopAsyncIteration:
                return
            following = asyncio.create_task(get())
            yield item
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


async def in_thread_if(is_large: bool, work: Callable[[], Result]) -> Result:
    """Returns what `work` returns. Large work runs in a thread, so that other requests are answered meanwhile."""
    return await asyncio.to_thread(work) if is_large else work()
