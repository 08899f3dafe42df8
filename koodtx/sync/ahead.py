"""Getting the next item ready while the last one is used."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import TypeVar

Item = TypeVar("Item")


async def one_ahead(items: AsyncIterator[Item]) -> AsyncGenerator[Item]:
    """The items. While the caller uses one, a task gets the next, and no more; it ends when the caller goes away."""

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
