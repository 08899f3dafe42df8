"""Lets clients go that do not read their answer."""

import asyncio
from typing import Any

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from koodtx.web.errors import ReaderTooSlow

_log = structlog.get_logger("koodtx.requests")

# The least rate is about 1 KiB/s: half of that of the slowest phone network that is still in use.
_PIECE = 65_536
_PIECE_WITHIN_S = 60.0


class DropSlowReaders:
    """ASGI middleware: an answer is sent in pieces, each of which must be taken within a minute."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
            return

        async def send_in_pieces(message: Message) -> None:
            if message["type"] != "http.response.body":
                await send(message)
                return
            for piece in _pieces(message):
                await _send_within(send, piece)

        await self.app(scope, receive, send_in_pieces)


async def _send_within(send: Send, message: Any) -> None:
    try:
        async with asyncio.timeout(_PIECE_WITHIN_S):
            await send(message)
    except TimeoutError:
        raise ReaderTooSlow from None


def _pieces(message: Any) -> list[Any]:
    body, has_more = message.get("body", b""), message.get("more_body", False)
    if len(body) <= _PIECE:
        return [message]
    starts = range(0, len(body), _PIECE)
    return [
        {
            "type": "http.response.body",
            "body": body[start : start + _PIECE],
            "more_body": has_more or start + _PIECE < len(body),
        }
        for start in starts
    ]
