"""Files by link, for storage in a folder."""

from typing import Annotated

from litestar import Response, Router, get
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import PathParameter
from litestar.response import Stream

from koodtx.app_state import AppState
from koodtx.byte_ranges import Part
from koodtx.errors import DatabaseUnavailable, NotFound, RangeNotSatisfiable
from koodtx.storage import store
from koodtx.storage.errors import LinkExpired, StorageUnavailable
from koodtx.storage.links import linked_key
from koodtx.web.body import BoundedRequest
from koodtx.web.files import (
    IfNoneMatch,
    IfRange,
    RangeHeader,
    checked_part,
    file_headers,
    not_modified,
    part_headers,
    wanted_range,
)
from koodtx.web.request_end import closed_with


def _file(description: str) -> ResponseSpec:
    return ResponseSpec(bytes, description=description, generate_examples=False, media_type="application/octet-stream")


# The policy is public because a link is for programs that send no token: the link is the right.
@get(
    "/{token:str}",
    operation_id="getObject",
    summary="A file, by its link",
    responses={
        200: _file("The file."),
        206: _file("The part of the file that was asked for."),
        304: ResponseSpec(None, description="The file has not changed.", generate_examples=False),
    },
    opt={"right": "link:hold", "errors": [LinkExpired, RangeNotSatisfiable, StorageUnavailable, DatabaseUnavailable]},
)
async def read_object(
    request: BoundedRequest,
    state: AppState,
    token: Annotated[str, PathParameter(max_length=1000, description="From the link.")],
    byte_range: RangeHeader = None,
    if_range: IfRange = None,
    if_none_match: IfNoneMatch = None,
) -> Stream | Response[None]:
    """The link needs no token and expires. A download that was cut off is resumed with `Range` and `If-Range`."""
    key = linked_key(state.settings.signing_keys, token)
    async with state.pool.connection() as connection:
        found = await store.find_object(connection, key)
    if found is None:
        raise NotFound
    # Keys are used once, and what is stored never changes.
    etag = f'"{key.rpartition("/")[2]}"'
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
    pieces = await state.objects.read(key, part.first, part.last + 1)
    return Stream(
        closed_with(request.scope, pieces),
        status_code=200 if asked is None else 206,
        media_type=found.media_type,
        headers=headers,
    )


routes = Router("/api/v1/objects", route_handlers=[read_object], opt={"policy": "public"}, tags=["Files"])
