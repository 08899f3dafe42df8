"""/api/mypage: what a user has bookmarked and dubbed, and the progress."""

from typing import Annotated

from litestar import Response, Router, delete, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import JSONBody, PathParameter, QueryParameter

from koodtx.app_state import AppState
from koodtx.errors import NotFound
from koodtx.mypage import examples, read
from koodtx.mypage.messages import Bookmark, BookmarkList, DubbedTokenList, NewBookmark, Overview
from koodtx.names import LARGEST_ID
from koodtx.web.body import BoundedRequest

TokenId = Annotated[int, PathParameter(ge=1, le=LARGEST_ID, description="`token_id` of the line.")]
Limit = Annotated[int, QueryParameter(ge=1, le=100)]
Offset = Annotated[int, QueryParameter(ge=0, le=LARGEST_ID, description="How many to leave out.")]


@get(
    "/bookmarks",
    operation_id="listBookmarks",
    summary="My bookmarks, the latest first",
    opt={"examples": {"200": {"one bookmark": examples.BOOKMARKS}}},
)
async def list_bookmarks(
    request: BoundedRequest, state: AppState, limit: Limit = 50, offset: Offset = 0
) -> BookmarkList:
    async with state.pool.connection() as connection:
        return await read.list_bookmarks(connection, request.user.user_id, limit, offset)


@post(
    "/bookmarks",
    operation_id="addBookmark",
    summary="Bookmark a line",
    responses={200: ResponseSpec(Bookmark, description="It was bookmarked before.", generate_examples=False)},
    opt={
        "errors": [NotFound],
        "examples": {
            "request": examples.NEW_BOOKMARK,
            "200": {"bookmarked before": examples.BOOKMARK},
            "201": {"new": examples.BOOKMARK},
        },
    },
)
async def add_bookmark(request: BoundedRequest, state: AppState, data: JSONBody[NewBookmark]) -> Response[Bookmark]:
    """The same again is answered by 200 and the bookmark that is there."""
    async with state.pool.connection() as connection, connection.transaction():
        bookmark, is_new = await read.add_bookmark(connection, request.user.user_id, data.token_id)
    return Response(bookmark, status_code=201 if is_new else 200)


@delete(
    "/bookmarks/{token_id:int}",
    operation_id="removeBookmark",
    summary="Remove a bookmark",
    status_code=204,
    opt={"right": "token:read", "parameter_examples": {"token_id": 1}},
)
async def remove_bookmark(request: BoundedRequest, state: AppState, token_id: TokenId) -> None:
    """Again the same answer, as long as the line exists."""
    async with state.pool.connection() as connection:
        await read.remove_bookmark(connection, request.user.user_id, token_id)


@get(
    "/my-dubbed-tokens",
    operation_id="listDubbedTokens",
    summary="Lines that I have dubbed, the one of the latest take first",
    opt={"examples": {"200": {"one line": examples.DUBBED}}},
)
async def list_dubbed(
    request: BoundedRequest, state: AppState, limit: Limit = 50, offset: Offset = 0
) -> DubbedTokenList:
    """Each line with its latest and its best take."""
    async with state.pool.connection() as connection:
        return await read.list_dubbed(connection, request.user.user_id, limit, offset)


@get(
    "/overview",
    operation_id="getOverview",
    summary="How much I have practised, and the progress",
    opt={"examples": {"200": {"two takes": examples.OVERVIEW}}},
)
async def overview(
    request: BoundedRequest,
    state: AppState,
    days: Annotated[int, QueryParameter(ge=1, le=366, description="Of `progress`, today included.")] = 30,
) -> Overview:
    """Counts and means of all takes, and per day of my time zone."""
    async with state.pool.connection() as connection:
        return await read.read_overview(connection, request.user.user_id, days)


routes = Router(
    "/api/mypage",
    route_handlers=[list_bookmarks, add_bookmark, remove_bookmark, list_dubbed, overview],
    opt={"policy": "user"},
    tags=["My page"],
)
