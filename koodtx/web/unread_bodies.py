"""Answers that are given before the request's body was read, as rejections are.

A server that closes a connection with unread bytes resets it, and the client never sees the answer. So the rest is read
and discarded first; if it is too long for that, the answer says that the connection ends.
"""

import asyncio
from contextlib import suppress
from typing import Any

from litestar.datastructures import Headers
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

_DRAIN_WITHIN_S = 5.0


class DrainBodies:
    """ASGI middleware. `limit`: bytes that are discarded at most."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self.app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP:
            body = _Body(receive, self._limit)
            await self.app(scope, body.receive, _Answer(scope, body, send))
        else:
            await self.app(scope, receive, send)


class _Body:
    """The body of a request, and whether all of it was received."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._limit = limit
        self.has_begun = False
        self.is_over = False

    async def receive(self) -> Any:
        self.has_begun = True
        message: Any = await self._receive()
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            self.is_over = True
        return message

    async def drain(self) -> None:
        """Reads the rest, up to the limit and for some seconds."""
        left = self._limit
        with suppress(TimeoutError):
            async with asyncio.timeout(_DRAIN_WITHIN_S):
                while not self.is_over and left > 0:
                    left -= len((await self.receive()).get("body", b""))


class _Answer:
    """Forwards an answer once the body was read."""

    def __init__(self, scope: HTTPScope, body: _Body, send: Send) -> None:
        self._headers = Headers.from_scope(scope)
        self._body = body
        self._send = send

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and self._has_body() and not self._body.is_over:
            # A client that waits for 100 Continue has sent nothing yet, and need not.
            if "expect" not in self._headers or self._body.has_begun:
                await self._body.drain()
            if not self._body.is_over:
                message["headers"] = [*message["headers"], (b"connection", b"close")]
        await self._send(message)

    def _has_body(self) -> bool:
        return self._headers.get("content-length", "0") != "0" or "transfer-encoding" in self._headers
