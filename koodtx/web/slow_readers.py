"""Ends the answers of clients that do not read them."""

import asyncio
from typing import Any

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from koodtx.web.logs import path_of

_log = structlog.get_logger("koodtx.requests")

# The least rate is about 1 KiB/s: half of that of the slowest phone network that is still in use.
_PIECE = 65_536
_PIECE_WITHIN_S = 60.0


class ReaderTooSlow(Exception):
    """Ends an answer that has begun; no answer can say so any more."""


class DropSlowReaders:
    """ASGI middleware: an answer is sent in pieces, each of which must be taken within a minute."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
            return

        is_dropped = False

        async def send_in_pieces(message: Message) -> None:
            nonlocal is_dropped
            if message["type"] != "http.response.body":
                await send(message)
                return
            for piece in _pieces(message):
                try:
                    async with asyncio.timeout(_PIECE_WITHIN_S):
                        await send(piece)
                except TimeoutError:
                    is_dropped = True
                    _log.info("a client did not read its answer", path=path_of(scope))
                    raise ReaderTooSlow from None

        try:
            await self.app(scope, receive, send_in_pieces)
        except Exception:
            if not is_dropped:
                raise


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
