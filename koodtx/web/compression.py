"""Compresses JSON answers for clients that accept gzip, piece by piece, so that memory stays constant."""

import asyncio
import zlib
from typing import Any

from litestar.datastructures import Headers, MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

_SMALLEST = 1_000
# Measured on readings: level 6 saves 4 % more bytes and takes three times as long.
_LEVEL = 3
_LARGE_PIECE = 65_536


class CompressAnswers:
    """ASGI middleware. Compresses an answer if it is JSON, unless it is known to be short."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP and _accepts_gzip(Headers.from_scope(scope).get("accept-encoding", "")):
            await self.app(scope, receive, _Compressor(send))
        else:
            await self.app(scope, receive, send)


def _accepts_gzip(header: str) -> bool:
    """Returns whether `gzip` is listed with a weight other than 0."""
    for entry in header.lower().split(","):
        coding, _, parameters = entry.partition(";")
        if coding.strip() == "gzip":
            return parameters.replace(" ", "").rstrip("0").rstrip(".") not in ("q=", "q=0")
    return False


class _Compressor:
    """Forwards an answer, compressed if that saves bytes."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Any = None
        self._packer: Any = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            # Held back until the first piece shows how long the body is.
            self._start = message
        elif message["type"] == "http.response.body":
            await self._send_body(message)
        else:
            await self._send(message)

    async def _send_body(self, message: Any) -> None:
        body, has_more = message.get("body", b""), message.get("more_body", False)
        if self._start is not None:
            self._begin(body, has_more)
            start, self._start = self._start, None
            await self._send(start)
        if self._packer is None:
            await self._send(message)
            return
        packed = await asyncio.to_thread(self._pack, body, has_more) if _is_large(body) else self._pack(body, has_more)
        if packed or not has_more:
            await self._send({"type": "http.response.body", "body": packed, "more_body": has_more})

    def _begin(self, body: bytes, has_more: bool) -> None:
        headers = MutableScopeHeaders(self._start)
        is_json = "json" in headers.get("content-type", "")
        # Of a file to download, parts may be asked for, which are counted in its own bytes.
        is_as_it_is = "no-transform" in headers.get("cache-control", "")
        if not is_json or is_as_it_is or "content-encoding" in headers or (not has_more and len(body) < _SMALLEST):
            return
        self._packer = zlib.compressobj(_LEVEL, wbits=31)
        headers["Content-Encoding"] = "gzip"
        headers.extend_header_value("vary", "Accept-Encoding")
        if "content-length" in headers:
            del headers["content-length"]

    def _pack(self, body: bytes, has_more: bool) -> bytes:
        packed: bytes = self._packer.compress(body)
        return packed if has_more else packed + self._packer.flush()


def _is_large(body: bytes) -> bool:
    return len(body) > _LARGE_PIECE
