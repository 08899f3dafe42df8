"""The answer with a stored file: whole, part, or unchanged."""

from litestar import Response
from litestar.openapi.datastructures import ResponseSpec
from litestar.response import Stream

from koodtx.byte_ranges import Part
from koodtx.storage.objects import Objects
from koodtx.storage.store import StoredObject
from koodtx.web.body import BoundedRequest
from koodtx.web.files import checked_part, file_headers, not_modified, part_headers, wanted_range
from koodtx.web.request_end import closed_with


def _file(description: str) -> ResponseSpec:
    return ResponseSpec(bytes, description=description, generate_examples=False, media_type="application/octet-stream")


# What a handler declares as its `responses`.
FILE_RESPONSES = {
    200: _file("The file."),
    206: _file("The part of the file that was asked for."),
    304: ResponseSpec(None, description="The file has not changed.", generate_examples=False),
}


async def stored_file(request: BoundedRequest, objects: Objects, found: StoredObject) -> Stream | Response[None]:
    """Raises RangeNotSatisfiable, ObjectGone, StorageUnavailable."""
    # Keys are used once, and what is stored never changes.
    etag = f'"{found.key.rpartition("/")[2]}"'
    if (unchanged := not_modified(request, etag)) is not None:
        return unchanged
    headers = file_headers(found.file_name, etag)
    asked = wanted_range(request, etag)
    if asked is None:
        part = Part(0, found.byte_count - 1)
        headers["Content-Length"] = str(part.length)
    else:
        part = checked_part(asked, found.byte_count)
        headers |= part_headers(part, found.byte_count)
    pieces = await objects.read(found.key, part.first, part.last + 1)
    return Stream(
        closed_with(request.scope, pieces),
        status_code=200 if asked is None else 206,
        media_type=found.media_type,
        headers=headers,
    )
