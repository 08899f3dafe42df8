"""HEAD wherever there is GET: the same status and headers, without the body."""

import asyncio
from typing import Any

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send


class HeadAsGet:
    """ASGI middleware: runs a HEAD request as GET until its headers are known."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return
        start: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

        async def keep_start(message: Message) -> None:
            if message["type"] == "http.response.start" and not start.done():
                start.set_result(message)

        scope["method"] = "GET"
        answer = asyncio.ensure_future(self.app(scope, receive, keep_start))
        try:
            await asyncio.wait({answer, start}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            # A stream of events would never end.
            answer.cancel()
            await asyncio.gather(answer, return_exceptions=True)
            scope["method"] = "HEAD"
        if not start.done():
            # It ended without an answer: its error is reported as that of a GET.
            await answer
        await send(start.result())
        await send({"type": "http.response.body", "body": b"", "more_body": False})
