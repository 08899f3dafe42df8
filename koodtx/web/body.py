"""Request bodies, read in bounded steps: size, time, encoding and type are checked before anything is parsed."""

import asyncio
import threading
import zlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from io import BytesIO
from typing import Any, NamedTuple

import msgspec
from litestar import Request
from litestar.exceptions import InternalServerException

from koodtx.app_state import AppState, state_of
from koodtx.errors import Malformed, TooLarge, TooMany
from koodtx.json import decode_json
from koodtx.settings import Settings
from koodtx.web.errors import BodyTooSlow, UnsupportedMedia
from koodtx.web.request_end import on_end_of

_BODY_DEADLINE_S = 60
# This many bytes of a body must arrive per window, except in the last one.
_WINDOW_S = 10
_WINDOW_BYTES = 10_240
_STEP = 65_536
_LARGE_BODY = 3_000_000
# Of every route that sets neither `has_large_body` nor `body_bytes` in its opt. Nobody sends more than a few hundred
# bytes to these.
_SMALL_BODY = 65_536
# Of routes without login: all who call them have the share of one user.
_STRANGERS = 0


class BodyLimits(NamedTuple):
    """Of one route: bytes as sent, and after decompression. `is_counted`: they count as bytes in flight."""

    raw: int
    inflated: int
    is_counted: bool


def limits_of(opt: dict[str, Any], settings: Settings) -> BodyLimits:
    """Returns the limits of a route with these options."""
    if opt.get("has_large_body"):
        return BodyLimits(settings.max_body_bytes, settings.max_inflated_bytes, is_counted=True)
    if size := opt.get("body_bytes"):
        return BodyLimits(size, size, is_counted=True)
    return BodyLimits(_SMALL_BODY, _SMALL_BODY, is_counted=False)


class InFlight:
    """Counts the bytes of large request bodies that this process holds, and decodes large bodies one at a time.

    One user has a share of the limit; so have all strangers together, so that they cannot use it up.
    """

    def __init__(self, limit: int, user_limit: int) -> None:
        self.limit = limit
        self.user_limit = user_limit
        self._held: Counter[int] = Counter()
        self._lock = threading.Lock()
        self._large = asyncio.Semaphore(1)

    @property
    def held(self) -> int:
        return self._held.total()

    @asynccontextmanager
    async def turn(self, size: int) -> AsyncIterator[None]:
        """Waits until no other large body is decoded: it takes seven times its size, and Python keeps that memory."""
        if size < _LARGE_BODY:
            yield
        else:
            async with self._large:
                yield

    def reserve(self, user_id: int, size: int) -> None:
        """Raises TooMany when a limit would be exceeded."""
        with self._lock:
            if self._held[user_id] + size > self.user_limit:
                raise TooMany("the server holds too many request bodies of yours at the moment", retry_after_s=1)
            if self.held + size > self.limit:
                raise TooMany("the server holds too many request bodies at the moment", retry_after_s=1)
            self._held[user_id] += size

    def release(self, user_id: int, size: int) -> None:
        with self._lock:
            self._held[user_id] -= size
            if not self._held[user_id]:
                del self._held[user_id]


class Reservation:
    """The bytes of one request. Bodies are unpacked in a thread, which may go on when the request has ended."""

    def __init__(self, in_flight: InFlight, user_id: int) -> None:
        self._in_flight = in_flight
        self._user_id = user_id
        self._size = 0
        self._is_closed = False
        self._lock = threading.Lock()

    def add(self, size: int) -> None:
        """Raises TooMany when a limit would be exceeded, or when the request has ended."""
        with self._lock:
            if self._is_closed:
                raise TooMany("the request has ended")
            self._in_flight.reserve(self._user_id, size)
            self._size += size

    def close(self) -> None:
        with self._lock:
            self._is_closed = True
            self._in_flight.release(self._user_id, self._size)


class BoundedRequest(Request[Any, Any, AppState]):
    """A request with a bounded, unpacked body. JSON is decoded only if the content type says so."""

    __slots__ = ()

    @property
    def on_end(self) -> AsyncExitStack:
        """What is left when the request has ended, however it ends."""
        return on_end_of(self.scope)

    async def body(self) -> bytes:
        state = self.scope["state"]
        if "body" not in state:
            state["body"] = await self._read_body()
        body: bytes = state["body"]
        return body

    async def json(self) -> Any:
        """Returns the body as the struct of the handler's parameter `data`: a number as text is refused."""
        parameter = self.route_handler.parsed_fn_signature.parameters.get("data")
        wanted = Any if parameter is None else parameter.annotation
        return decode_json(await self.json_body(), partial(msgspec.json.decode, type=wanted))

    async def json_body(self) -> bytes:
        """Returns the bytes of a JSON body. Raises UnsupportedMedia for another content type."""
        content_type = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if content_type != "application/json":
            raise UnsupportedMedia(f"the body must be application/json, not {content_type or 'untyped'}")
        return await self.body()

    async def _read_body(self) -> bytes:
        limits = limits_of(self.route_handler.opt, state_of(self.app).settings)
        encoding = self.headers.get("content-encoding", "identity").lower()
        if encoding not in ("identity", "gzip"):
            raise UnsupportedMedia(f"Content-Encoding {encoding} is not supported: send gzip or none")
        reserve = self._reservation().add if limits.is_counted else bool
        body = BytesIO()

        async def keep(chunk: bytes) -> None:
            # As they arrive, so that many slow bodies cannot fill the memory.
            reserve(len(chunk))
            body.write(chunk)

        await self.receive_body(keep, limits.raw)
        if encoding == "identity":
            return body.getvalue()
        return await asyncio.to_thread(inflate, body.getvalue(), limits.inflated, reserve)

    async def receive_body(
        self, keep: Callable[[bytes], Awaitable[None]], limit: int, deadline_s: float = _BODY_DEADLINE_S
    ) -> None:
        """Gives `keep` the body as it is sent, piece by piece.

        Raises TooLarge, BodyTooSlow, Malformed if it is cut off, and what `keep` raises.
        """
        try:
            async with asyncio.timeout(deadline_s), asyncio.timeout(_WINDOW_S) as window:
                await self._receive_bounded(keep, limit, window)
        except TimeoutError:
            raise BodyTooSlow from None
        except InternalServerException:
            # Litestar's error for a client that hung up. One that sent a wrong chunk is there, and reads the answer.
            raise Malformed("the body is cut off, or its chunks are not well-formed") from None

    async def _receive_bounded(
        self, keep: Callable[[bytes], Awaitable[None]], limit: int, window: asyncio.Timeout
    ) -> None:
        declared = self.headers.get("content-length", "0")
        if declared.isdigit() and int(declared) > limit:
            raise TooLarge(f"the body has more than {limit} bytes")
        size = 0
        wanted = _WINDOW_BYTES
        async for chunk in self.stream():
            size += len(chunk)
            if size >= wanted:
                wanted = size + _WINDOW_BYTES
                window.reschedule(asyncio.get_running_loop().time() + _WINDOW_S)
            if size > limit:
                raise TooLarge(f"the body has more than {limit} bytes")
            await keep(chunk)

    def _reservation(self) -> Reservation:
        user_id = self.user.user_id if "user" in self.scope else _STRANGERS
        reservation = Reservation(state_of(self.app).in_flight, user_id)
        self.on_end.callback(reservation.close)
        return reservation


def inflate(raw: bytes, limit: int, reserve: Callable[[int], object] = bool) -> bytes:
    """Returns a gzip body unpacked, in bounded steps, each reserved before the next one.

    Any ratio is allowed: 50,000 equal readings in columns compress 480:1. Raises TooLarge above `limit` bytes,
    Malformed when it is cut off or not gzip.
    """
    unpacker = zlib.decompressobj(wbits=31)
    body = BytesIO()
    source = raw
    size = 0
    try:
        while not unpacker.eof:
            chunk = unpacker.decompress(source, _STEP)
            source = unpacker.unconsumed_tail
            if not chunk and not unpacker.eof:
                raise Malformed("the gzip body is cut off")
            size += len(chunk)
            if size > limit:
                raise TooLarge(f"the gzip body unpacks to more than {limit} bytes")
            reserve(len(chunk))
            body.write(chunk)
    except zlib.error as error:
        raise Malformed("the body is not valid gzip") from error
    if unpacker.unused_data:
        raise Malformed("the gzip body is followed by other data")
    return body.getvalue()
