"""Answers with a file that is written again for each request: the whole of it, a part, or that it is unchanged."""

import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass

from litestar import Response
from litestar.response import Stream

from koodtx.byte_ranges import Asked
from koodtx.errors import NotFound
from koodtx.exports.downloads import Lengths
from koodtx.exports.lasting_right import watched
from koodtx.exports.ranges import cut, length_of, until
from koodtx.web.body import BoundedRequest
from koodtx.web.files import checked_part, file_headers, not_modified, part_headers, wanted_range
from koodtx.web.request_end import closed_with, cut_off


@dataclass(frozen=True)
class File:
    """A file to download. `write` may be called several times and gives the same bytes, for one `fingerprint`.

    `may_download`: whether the caller still may, which is asked while the file is sent.
    """

    name: str
    media_type: str
    fingerprint: str
    write: Callable[[], AsyncGenerator[bytes]]
    may_download: Callable[[], Awaitable[bool]]

    @property
    def etag(self) -> str:
        return f'"{self.fingerprint}"'


async def answer(request: BoundedRequest, file: File, lengths: Lengths, limit_s: int) -> Response[None] | Stream:
    """200, 206 or 304; cut off when the right is lost. Raises RangeNotSatisfiable, NotFound.

    The length of a part must be known before it is sent. Where it is not, the file is written twice.
    """
    if (unchanged := not_modified(request, file.etag)) is not None:
        return unchanged
    headers = file_headers(file.name, file.etag)
    deadline = time.monotonic() + limit_s
    asked = wanted_range(request, file.etag)
    if asked is None:
        return await _stream(request, file, _remembered(until(deadline, file.write()), file, lengths), headers)
    return await _partial(request, file, lengths, deadline, headers, asked)


async def _partial(
    request: BoundedRequest, file: File, lengths: Lengths, deadline: float, headers: dict[str, str], asked: Asked
) -> Stream:
    length = lengths.get(file.fingerprint)
    if length is None:
        length = await length_of(until(deadline, file.write()))
        lengths.set(file.fingerprint, length)
        # That may have taken minutes.
        if not await file.may_download():
            raise NotFound
    part = checked_part(asked, length)
    headers |= part_headers(part, length)
    return await _stream(request, file, cut(until(deadline, file.write()), part), headers, status_code=206)


async def _stream(
    request: BoundedRequest, file: File, pieces: AsyncGenerator[bytes], headers: dict[str, str], status_code: int = 200
) -> Stream:
    await request.on_end.enter_async_context(watched(file.may_download, lambda: cut_off(request.scope)))
    stream = closed_with(request.scope, pieces)
    return Stream(stream, media_type=file.media_type, status_code=status_code, headers=headers)


async def _remembered(pieces: AsyncGenerator[bytes], file: File, lengths: Lengths) -> AsyncGenerator[bytes]:
    """Yields the pieces, and remembers how long they were together."""
    length = 0
    async with aclosing(pieces):
        async for piece in pieces:
            length += len(piece)
            yield piece
    lengths.set(file.fingerprint, length)
