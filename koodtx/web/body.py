"""Request bodies, read in bounded steps: size, time, encoding and type are checked before anything is parsed."""

import asyncio
import threading
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from litestar import Request
from litestar.types import ASGIApp, Receive, Scope, Send

from koodtx.app_state import AppState, state_of
from koodtx.errors import Malformed, TooLarge, TooMany
from koodtx.json import decode_json
from koodtx.web.errors import BodyTooSlow, UnsupportedMedia

_BODY_DEADLINE_S = 60
# This many bytes of a body must arrive per window, except in the last one.
_WINDOW_S = 10
_WINDOW_BYTES = 10_240
_STEP = 65_536
_LARGE_BODY = 3_000_000


class InFlight:
    """Counts the bytes of request bodies that this process holds, and decodes large bodies one at a time."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.held = 0
        self._lock = threading.Lock()
        self._large = asyncio.Semaphore(1)

    @asynccontextmanager
    async def turn(self, size: int) -> AsyncIterator[None]:
        """Waits until no other large body is decoded: it takes seven times its size, and Python keeps that memory."""
        if size < _LARGE_BODY:
            yield
        else:
            async with self._large:
                yield

    def reserve(self, size: int) -> None:
        """Raises TooMany when the limit would be exceeded."""
        # Bodies are unpacked in threads.
        with self._lock:
            if self.held + size > self.limit:
                raise TooMany("the server holds too many request bodies at the moment", retry_after_s=1)
            self.held += size

    def release(self, size: int) -> None:
        with self._lock:
            self.held -= size


class ReleaseBodies:
    """ASGI middleware: releases the bytes that a request reserved, however the request ends."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self.app(scope, receive, send)
        finally:
            if reserved := scope["state"].get("reserved_bytes"):
                state_of(scope["litestar_app"]).in_flight.release(reserved)


class BoundedRequest(Request[Any, Any, AppState]):
    """A request with a bounded, unpacked body. JSON is decoded only if the content type says so."""

    __slots__ = ()

    async def body(self) -> bytes:
        state = self.scope["state"]
        if "body" not in state:
            state["body"] = await self._read_body()
        body: bytes = state["body"]
        return body

    async def json(self) -> Any:
        return decode_json(await self.json_body(), msgspec.json.decode)

    async def json_body(self) -> bytes:
        """Returns the bytes of a JSON body. Raises UnsupportedMedia for another content type."""
        content_type = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if content_type != "application/json":
            raise UnsupportedMedia(f"the body must be application/json, not {content_type or 'untyped'}")
        return await self.body()

    async def _read_body(self) -> bytes:
        settings = state_of(self.app).settings
        encoding = self.headers.get("content-encoding", "identity").lower()
        if encoding not in ("identity", "gzip"):
            raise UnsupportedMedia(f"Content-Encoding {encoding} is not supported: send gzip or none")
        try:
            async with asyncio.timeout(_BODY_DEADLINE_S), asyncio.timeout(_WINDOW_S) as window:
                raw = await self._read_bounded(settings.max_body_bytes, window)
        except TimeoutError:
            raise BodyTooSlow from None
        if encoding == "identity":
            return raw
        return await asyncio.to_thread(inflate, raw, settings.max_inflated_bytes, self._reserve)

    async def _read_bounded(self, limit: int, window: asyncio.Timeout) -> bytes:
        """Returns the body. Reserves its bytes as they arrive, so that many slow bodies cannot fill the memory."""
        declared = self.headers.get("content-length", "0")
        if declared.isdigit() and int(declared) > limit:
            raise TooLarge(f"the body has more than {limit} bytes")
        chunks = []
        size = 0
        wanted = _WINDOW_BYTES
        async for chunk in self.stream():
            size += len(chunk)
            if size >= wanted:
                wanted = size + _WINDOW_BYTES
                window.reschedule(asyncio.get_running_loop().time() + _WINDOW_S)
            if size > limit:
                raise TooLarge(f"the body has more than {limit} bytes")
            self._reserve(len(chunk))
            chunks.append(chunk)
        return b"".join(chunks)

    def _reserve(self, size: int) -> None:
        state_of(self.app).in_flight.reserve(size)
        state = self.scope["state"]
        state["reserved_bytes"] = state.get("reserved_bytes", 0) + size


def inflate(raw: bytes, limit: int, reserve: Callable[[int], object] = bool) -> bytes:
    """Returns a gzip body unpacked, in bounded steps, each reserved before the next one.

    Any ratio is allowed: 50,000 equal readings in columns compress 480:1. Raises TooLarge above `limit` bytes,
    Malformed when it is cut off or not gzip.
    """
    unpacker = zlib.decompressobj(wbits=31)
    chunks: list[bytes] = []
    size = 0
    try:
        while not unpacker.eof:
            source = unpacker.unconsumed_tail if chunks else raw
            chunk = unpacker.decompress(source, _STEP)
            if not chunk and not unpacker.eof:
                raise Malformed("the gzip body is cut off")
            size += len(chunk)
            if size > limit:
                raise TooLarge(f"the gzip body unpacks to more than {limit} bytes")
            reserve(len(chunk))
            chunks.append(chunk)
    except zlib.error as error:
        raise Malformed("the body is not valid gzip") from error
    if unpacker.unused_data:
        raise Malformed("the gzip body is followed by other data")
    return b"".join(chunks)
