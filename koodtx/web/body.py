"""Request bodies, read in bounded steps: size, time, encoding and type are checked before anything is parsed."""

import asyncio
import threading
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from litestar import Request
from litestar.datastructures import State
from litestar.types import ASGIApp, Receive, Scope, Send

from koodtx.errors import Malformed, TooLarge, TooMany
from koodtx.json import decode_json
from koodtx.settings import Settings
from koodtx.web.errors import BodyTooSlow, UnsupportedMedia

_BODY_DEADLINE_S = 60
# Within each window so much of a body must come; it may be less where the body ends.
_WINDOW_S = 10
_WINDOW_BYTES = 10_240
_STEP = 65_536
_LARGE_BODY = 3_000_000


class InFlight:
    """How many bytes of request bodies this process holds, and whose turn it is to be decoded."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.held = 0
        self._lock = threading.Lock()
        self._large = asyncio.Semaphore(1)

    @asynccontextmanager
    async def turn(self, size: int) -> AsyncIterator[None]:
        """Large bodies one after the other: decoded they are seven times as big, and Python keeps that memory."""
        if size < _LARGE_BODY:
            yield
        else:
            async with self._large:
                yield

    def reserve(self, size: int) -> None:
        """Raises TooMany when the bytes would be more than the limit."""
        # Bodies are unpacked in threads.
        with self._lock:
            if self.held + size > self.limit:
                raise TooMany("the server holds as many request bodies as it may just now", retry_after_s=1)
            self.held += size

    def release(self, size: int) -> None:
        with self._lock:
            self.held -= size


class ReleaseBodies:
    """ASGI middleware: gives back what the request's body reserved, however the request ends."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self.app(scope, receive, send)
        finally:
            if reserved := scope["state"].get("reserved_bytes"):
                scope["litestar_app"].state.in_flight.release(reserved)


class BoundedRequest(Request[Any, Any, State]):
    """A request whose body is bounded and inflated, and whose JSON is only read when it says that it is JSON."""

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
        """The bytes of a JSON body. Raises UnsupportedMedia when its type is another."""
        content_type = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if content_type != "application/json":
            raise UnsupportedMedia(f"the body must be application/json, not {content_type or 'untyped'}")
        return await self.body()

    async def _read_body(self) -> bytes:
        settings: Settings = self.app.state.settings
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
        """All bytes of the body; reserved as they come, so many slow large bodies cannot fill the memory."""
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
        self.app.state.in_flight.reserve(size)
        state = self.scope["state"]
        state["reserved_bytes"] = state.get("reserved_bytes", 0) + size


def inflate(raw: bytes, limit: int, reserve: Callable[[int], object] = bool) -> bytes:
    """A gzip body unpacked, in bounded steps, each reserved before the next is made.

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
        raise Malformed("there is something after the gzip body")
    return b"".join(chunks)
