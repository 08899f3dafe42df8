"""What a request holds is released when it ends, however it ends; and a request may be ended."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from typing import Any, TypeVar

from litestar.types import ASGIApp, Receive, Scope, Send

_KEY = "on_end"
_LIMIT_KEY = "limit"


class RequestEnd:
    """ASGI middleware: gives each request an AsyncExitStack, which is closed after the last byte of its answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        limit = asyncio.timeout(None)
        try:
            async with AsyncExitStack() as on_end, limit:
                scope["state"] |= {_KEY: on_end, _LIMIT_KEY: limit}
                await self.app(scope, receive, send)
        except TimeoutError:
            if not limit.expired():
                raise


Stream = TypeVar("Stream", bound=AsyncGenerator[Any])


def closed_with(scope: Scope, stream: Stream) -> Stream:
    """Returns the stream, which is closed when the request ends: nobody else closes it when sending fails."""
    on_end_of(scope).push_async_callback(stream.aclose)
    return stream


def cut_off(scope: Scope) -> None:
    """Ends the request where it is; no answer that has begun can say why."""
    limit: asyncio.Timeout = scope["state"][_LIMIT_KEY]
    limit.reschedule(asyncio.get_running_loop().time())


def on_end_of(scope: Scope) -> AsyncExitStack:
    """Returns the AsyncExitStack of a request or a WebSocket."""
    on_end: AsyncExitStack = scope["state"][_KEY]
    return on_end
