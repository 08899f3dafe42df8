"""Files by link, for storage in a folder."""

from typing import Annotated

from litestar import Response, Router, get
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import HeaderParameter, PathParameter
from litestar.response import Stream

from koodtx.app_state import AppState
from koodtx.byte_ranges import Part, asked_range, entity_tags, part_of
from koodtx.errors import DatabaseUnavailable, NotFound, RangeNotSatisfiable
from koodtx.file_names import content_disposition
from koodtx.storage import store
from koodtx.storage.errors import LinkExpired, StorageUnavailable
from koodtx.storage.links import linked_key
from koodtx.web.body import BoundedRequest
from koodtx.web.request_end import closed_with

_HEADER = 200


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
        304: ResponseSpec(None, description="The file is the one that the client has.", generate_examples=False),
    },
    opt={"right": "link:hold", "errors": [LinkExpired, RangeNotSatisfiable, StorageUnavailable, DatabaseUnavailable]},
)
async def read_object(
    request: BoundedRequest,
    state: AppState,
    token: Annotated[str, PathParameter(max_length=1000, description="As the link has it.")],
    byte_range: Annotated[
        str | None, HeaderParameter(name="Range", max_length=_HEADER, description="`bytes=N-` resumes after N bytes.")
    ] = None,
    if_range: Annotated[
        str | None,
        HeaderParameter(name="If-Range", max_length=_HEADER, description="The ETag of what the client has."),
    ] = None,
    if_none_match: Annotated[
        str | None,
        HeaderParameter(name="If-None-Match", max_length=_HEADER, description="The ETag of the file that is there."),
    ] = None,
) -> Stream | Response[None]:
    """The link needs no token and expires. A download that was cut off is resumed with `Range` and `If-Range`."""
    key = linked_key(state.settings.signing_keys, token)
    async with state.pool.connection() as connection:
        found = await store.find_object(connection, key)
    if found is None:
        raise NotFound
    # Keys are used once, and what is stored never changes.
    etag = f'"{key.rpartition("/")[2]}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache, no-transform"}
    if etag in entity_tags(if_none_match):
        return Response(None, status_code=304, headers=headers)
    part, is_whole = _part(byte_range if if_range in (None, etag) else None, found.byte_count)
    headers |= {
        "Accept-Ranges": "bytes",
        "Content-Disposition": content_disposition(found.file_name),
        "Content-Length": str(part.length),
        "X-Content-Type-Options": "nosniff",
    }
    if not is_whole:
        headers["Content-Range"] = f"bytes {part.first}-{part.last}/{found.byte_count}"
    pieces = await state.objects.read(key, part.first, part.last + 1)
    return Stream(
        closed_with(request.scope, pieces),
        status_code=200 if is_whole else 206,
        media_type=found.media_type,
        headers=headers,
    )


def _part(header: str | None, byte_count: int) -> tuple[Part, bool]:
    """What is sent, and whether the answer is that of the whole file. Raises RangeNotSatisfiable."""
    asked = asked_range(header)
    if asked is None:
        return Part(0, byte_count - 1), True
    part = part_of(asked, byte_count)
    if part is None:
        raise RangeNotSatisfiable(headers={"Content-Range": f"bytes */{byte_count}"})
    return part, False


routes = Router("/api/v1/objects", route_handlers=[read_object], opt={"policy": "public"}, tags=["Files"])
