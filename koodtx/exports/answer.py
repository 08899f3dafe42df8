"""Answers with a file that is written again for each request: the whole of it, a part, or that it is unchanged."""

import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass

from litestar import Response
from litestar.response import Stream

from koodtx.byte_ranges import Asked, asked_range, entity_tags, part_of
from koodtx.errors import RangeNotSatisfiable
from koodtx.exports.downloads import Lengths
from koodtx.exports.ranges import cut, length_of, until
from koodtx.file_names import content_disposition
from koodtx.web.body import BoundedRequest
from koodtx.web.request_end import closed_with

# A copy that a proxy compressed would have other bytes under the same ETag.
_NOT_CHANGED_ON_THE_WAY = "private, no-cache, no-transform"


@dataclass(frozen=True)
class File:
    """A file to download. `write` may be called several times and gives the same bytes, for one `fingerprint`."""

    name: str
    media_type: str
    fingerprint: str
    write: Callable[[], AsyncGenerator[bytes]]

    @property
    def etag(self) -> str:
        return f'"{self.fingerprint}"'


async def answer(request: BoundedRequest, file: File, lengths: Lengths, limit_s: int) -> Response[None] | Stream:
    """200, 206 or 304. Raises RangeNotSatisfiable.

    The length of a part must be known before it is sent. Where it is not, the file is written twice.
    """
    headers = {"ETag": file.etag, "Cache-Control": _NOT_CHANGED_ON_THE_WAY}
    if file.etag in entity_tags(request.headers.get("if-none-match")):
        return Response(None, status_code=304, headers=headers)
    headers |= {
        "Accept-Ranges": "bytes",
        "Content-Disposition": content_disposition(file.name),
        "X-Content-Type-Options": "nosniff",
    }
    deadline = time.monotonic() + limit_s
    asked = asked_range(request.headers.get("range"))
    if asked is None or request.headers.get("if-range", file.etag).strip() != file.etag:
        whole = closed_with(request.scope, _remembered(until(deadline, file.write()), file, lengths))
        return Stream(whole, media_type=file.media_type, headers=headers)
    return await _partial(request, file, lengths, deadline, headers, asked)


async def _partial(
    request: BoundedRequest, file: File, lengths: Lengths, deadline: float, headers: dict[str, str], asked: Asked
) -> Stream:
    length = lengths.get(file.fingerprint)
    if length is None:
        length = await length_of(until(deadline, file.write()))
        lengths.set(file.fingerprint, length)
    part = part_of(asked, length)
    if part is None:
        raise RangeNotSatisfiable(headers={"Content-Range": f"bytes */{length}"})
    headers |= {"Content-Range": f"bytes {part.first}-{part.last}/{length}", "Content-Length": str(part.length)}
    pieces = closed_with(request.scope, cut(until(deadline, file.write()), part))
    return Stream(pieces, media_type=file.media_type, status_code=206, headers=headers)


async def _remembered(pieces: AsyncGenerator[bytes], file: File, lengths: Lengths) -> AsyncGenerator[bytes]:
    """Yields the pieces, and remembers how long they were together."""
    length = 0
    async with aclosing(pieces):
        async for piece in pieces:
            length += len(piece)
            yield piece
    lengths.set(file.fingerprint, length)
