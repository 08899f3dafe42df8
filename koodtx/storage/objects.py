"""Objects in a folder or in S3, by keys that the server makes. Written once, never changed."""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from koodtx.settings import Settings
from koodtx.storage.errors import ObjectGone, StorageUnavailable

# No other text reaches the store: not one that a client can choose.
_KEY = re.compile(r"[a-z]{1,32}/[0-9a-f]{32}")

# An object of 50 GB has 10,000 parts, as many as S3 allows; two are in memory at the same time.
_PART_BYTES = 5 * 1024 * 1024
_PARTS_AT_ONCE = 2
# Read in pieces, each a request of its own: none is open while a client reads slowly. Each client that does not read
# holds one or two in memory, and a link may be used by any number at once.
_PIECE_BYTES = 128 * 1024


class Head(NamedTuple):
    """What a store knows of an object."""

    byte_count: int
    etag: str


class _Body:
    """The pieces of a body, counted. obstore asks for each in a task of its own, which outlives a cancelled `put`."""

    def __init__(self, pieces: AsyncIterable[bytes]) -> None:
        self.byte_count = 0
        self._pieces = aiter(pieces)
        self._is_stopped = False
        self._lock = asyncio.Lock()

    def __aiter__(self) -> "_Body":
        return self

    async def __anext__(self) -> bytes:
        async with self._lock:
            if self._is_stopped:
                raise StopAsyncIteration
            piece = await anext(self._pieces)
        self.byte_count += len(piece)
        return piece

    async def stop(self) -> None:
        """Returns when nothing uses the body any more, so that what it reads from may be closed."""
        async with self._lock:
            self._is_stopped = True


class Objects:
    """The store of one process. Every method raises StorageUnavailable when the store is not reachable."""

    def __init__(self, settings: Settings) -> None:
        """Opens nothing yet."""
        self._settings = settings
        self._url = urlsplit(settings.storage_url)
        is_folder = self._url.scheme == "file"
        self._folder = Path(unquote(self._url.path)).absolute() if is_folder else None

    @cached_property
    def _store(self) -> LocalStore | S3Store:
        if self._folder is not None:
            # Private, whatever the umask: only the API hands them out.
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            return LocalStore(self._folder, mkdir=True)
        settings = self._settings
        given = {
            "endpoint": settings.s3_endpoint,
            "access_key_id": settings.s3_access_key_id,
            "secret_access_key": settings.s3_secret_access_key,
        }
        return S3Store(
            self._url.netloc,
            prefix=self._url.path.strip("/") or None,
            region=settings.s3_region,
            config={name: value for name, value in given.items() if value},  # type: ignore[arg-type]
            client_options={"allow_http": settings.s3_endpoint.startswith("http://")},
            retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=20)},
        )

    async def put(self, key: str, body: AsyncIterable[bytes], *, media_type: str, disposition: str) -> int:
        """Stores what `body` gives, at constant memory; returns its bytes. Whole, or not at all."""
        pieces = _Body(body)
        # A folder keeps no attributes. S3 answers a signed link with these headers.
        attributes = None if self._folder else {"Content-Type": media_type, "Content-Disposition": disposition}
        try:
            with _reported():
                await obstore.put_async(
                    self._store,
                    _checked(key),
                    pieces,
                    attributes=attributes,
                    chunk_size=_PART_BYTES,
                    max_concurrency=_PARTS_AT_ONCE,
                )
        finally:
            await pieces.stop()
        return pieces.byte_count

    async def head(self, key: str) -> Head:
        """Raises ObjectGone."""
        with _reported():
            meta = await obstore.head_async(self._store, _checked(key))
        return Head(meta["size"], meta["e_tag"] or "")

    async def read(self, key: str, start: int, end: int) -> AsyncGenerator[bytes]:
        """Returns the bytes from `start` to before `end`, in pieces. Raises ObjectGone, before the first piece."""
        first = await self._piece(key, start, min(end, start + _PIECE_BYTES))

        async def pieces() -> AsyncGenerator[bytes]:
            yield first
            for place in range(start + _PIECE_BYTES, end, _PIECE_BYTES):
                yield await self._piece(key, place, min(end, place + _PIECE_BYTES))

        return pieces()

    async def _piece(self, key: str, start: int, end: int) -> bytes:
        path = _checked(key)
        # No store has a range without bytes.
        if start >= end:
            return b""
        with _reported():
            return bytes(await obstore.get_range_async(self._store, path, start=start, end=end))

    async def delete(self, key: str) -> None:
        """Deletes the object, and what a killed process has left of it. It need not exist."""
        try:
            with _reported():
                await obstore.delete_async(self._store, _checked(key))
        except ObjectGone:
            pass
        if self._folder is not None:
            # A killed `put` leaves these, which obstore does not list.
            for part in self._folder.glob(f"{_checked(key)}#*"):
                part.unlink(missing_ok=True)

    async def list(self) -> list[str]:
        """Returns the keys of all objects."""
        with _reported():
            found = [meta["path"] async for page in obstore.list(self._store) for meta in page]
        return sorted(found)

    async def sign(self, key: str, lifetime: timedelta) -> str | None:
        """Returns a URL by which anybody can read the object for a while; None: a folder has none."""
        path = _checked(key)
        with _reported():
            if isinstance(self._store, LocalStore):
                return None
            return await obstore.sign_async(self._store, "GET", path, expires_in=lifetime)


def _checked(key: str) -> str:
    if not _KEY.fullmatch(key):
        raise ValueError(f"not a key of an object: {key[:100]!r}")
    return key


@contextmanager
def _reported() -> Iterator[None]:
    """Raises our errors instead of those of obstore, whose texts name folders and buckets."""
    try:
        yield
    except FileNotFoundError as error:
        raise ObjectGone from error
    except (BaseError, OSError) as error:
        raise StorageUnavailable from error
