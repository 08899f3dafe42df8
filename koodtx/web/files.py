"""What every answer with a file reads of the request, and its headers."""

from typing import Annotated

from litestar import Response
from litestar.params import HeaderParameter

from koodtx.byte_ranges import Asked, Part, asked_range, entity_tags, part_of
from koodtx.errors import RangeNotSatisfiable
from koodtx.file_names import content_disposition
from koodtx.web.body import BoundedRequest

_MAX_LENGTH = 200
# A copy that a proxy compressed would have other bytes under the same ETag.
_NOT_CHANGED_ON_THE_WAY = "private, no-cache, no-transform"

# Handlers declare these for the documentation and the check of their lengths; the functions below read them.
RangeHeader = Annotated[
    str | None, HeaderParameter(name="Range", max_length=_MAX_LENGTH, description="`bytes=N-` resumes after N bytes.")
]
IfRange = Annotated[
    str | None,
    HeaderParameter(
        name="If-Range",
        max_length=_MAX_LENGTH,
        description="ETag of the part that the client has. If the file has changed, the answer is 200 and all of it.",
    ),
]
IfNoneMatch = Annotated[
    str | None,
    HeaderParameter(
        name="If-None-Match",
        max_length=_MAX_LENGTH,
        description="ETag of the file that the client has: 304 if it has not changed.",
    ),
]


def not_modified(request: BoundedRequest, etag: str) -> Response[None] | None:
    """Returns the answer 304 if the client has this file."""
    if etag in entity_tags(request.headers.get("if-none-match")):
        return Response(None, status_code=304, headers=_validators(etag))
    return None


def wanted_range(request: BoundedRequest, etag: str) -> Asked | None:
    """Returns the range that the client asks for; None: all of the file, also if the client has a part of another."""
    asked = asked_range(request.headers.get("range"))
    return asked if request.headers.get("if-range", etag).strip() == etag else None


def checked_part(asked: Asked, length: int) -> Part:
    """Returns the part of a file of this length. Raises RangeNotSatisfiable."""
    part = part_of(asked, length)
    if part is None:
        raise RangeNotSatisfiable(headers={"Content-Range": f"bytes */{length}"})
    return part


def file_headers(name: str, etag: str) -> dict[str, str]:
    """Returns the headers of a file or a part of it."""
    return _validators(etag) | {
        "Accept-Ranges": "bytes",
        "Content-Disposition": content_disposition(name),
        "X-Content-Type-Options": "nosniff",
    }


def part_headers(part: Part, length: int) -> dict[str, str]:
    """Returns the headers that a part of a file of this length has besides."""
    return {"Content-Range": f"bytes {part.first}-{part.last}/{length}", "Content-Length": str(part.length)}


def _validators(etag: str) -> dict[str, str]:
    return {"ETag": etag, "Cache-Control": _NOT_CHANGED_ON_THE_WAY}
