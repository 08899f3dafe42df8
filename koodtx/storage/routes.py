"""Files by link, for storage in a folder."""

from typing import Annotated

from litestar import Response, Router, get
from litestar.params import PathParameter
from litestar.response import Stream

from koodtx.app_state import AppState
from koodtx.errors import DatabaseUnavailable, NotFound, RangeNotSatisfiable
from koodtx.storage import store
from koodtx.storage.answer import FILE_RESPONSES, stored_file
from koodtx.storage.errors import LinkExpired, StorageUnavailable
from koodtx.storage.links import linked_key
from koodtx.web.body import BoundedRequest
from koodtx.web.files import IfNoneMatch, IfRange, RangeHeader


# The policy is public because a link is for programs that send no token: the link is the right.
@get(
    "/{token:str}",
    operation_id="getObject",
    summary="A file, by its link",
    responses=FILE_RESPONSES,
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
    return await stored_file(request, state.objects, found)


routes = Router("/api/v1/objects", route_handlers=[read_object], opt={"policy": "public"}, tags=["Files"])
