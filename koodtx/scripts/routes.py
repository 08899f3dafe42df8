"""The catalogue, for everybody with an account. The API calls a line a token."""

from typing import Annotated

from litestar import MediaType, Response, Router, get
from litestar.params import PathParameter, QueryParameter
from litestar.response import Stream

from koodtx.analysis.cache import Cache
from koodtx.app_state import AppState
from koodtx.errors import NotFound, RangeNotSatisfiable
from koodtx.names import LARGEST_ID, NO_NUL
from koodtx.scripts import edit, examples, popular, store
from koodtx.scripts.messages import LANGUAGE, ActorList, PopularScripts, Script, ScriptList, Token
from koodtx.scripts.texts import searched
from koodtx.storage.answer import FILE_RESPONSES, stored_file
from koodtx.storage.errors import StorageUnavailable
from koodtx.storage.store import find_object
from koodtx.web.body import BoundedRequest
from koodtx.web.files import IfNoneMatch, IfRange, RangeHeader
from koodtx.web.openapi.declare import written_reply

ScriptId = Annotated[int, PathParameter(ge=1, le=LARGEST_ID, description="`id` of the script.")]
TokenId = Annotated[int, PathParameter(ge=1, le=LARGEST_ID, description="`token_id` of the line.")]
Limit = Annotated[int, QueryParameter(ge=1, le=100)]
Offset = Annotated[int, QueryParameter(ge=0, le=LARGEST_ID, description="How many to leave out.")]
_SEARCH_LENGTH = 200


@get(
    "/api/scripts",
    operation_id="listScripts",
    summary="Scripts, by title",
    opt={"examples": {"200": {"one script": examples.SCRIPTS}}},
)
async def list_scripts(
    state: AppState,
    q: Annotated[
        str | None,
        QueryParameter(max_length=_SEARCH_LENGTH, pattern=NO_NUL, description="In titles, descriptions and lines."),
    ] = None,
    language: Annotated[
        str | None,
        QueryParameter(min_length=2, max_length=35, pattern=LANGUAGE, description="BCP 47; `ko` finds `ko-KR`, too."),
    ] = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> ScriptList:
    text = searched(q)
    async with state.pool.connection() as connection:
        scripts = await store.list_scripts(connection, text, language, limit, offset)
        return ScriptList(scripts, await store.count_scripts(connection, text, language))


@get(
    "/api/scripts/popular",
    operation_id="listPopularScripts",
    summary="The ten scripts that were read most often",
    responses={200: written_reply(PopularScripts)},
    opt={"examples": {"200": {"one script": examples.POPULAR}}},
)
async def list_popular(state: AppState) -> Response[bytes]:
    """As they were at most an hour ago."""
    body = await popular.popular_scripts(state.pool, Cache(state.redis))
    return Response(body, media_type=MediaType.JSON)


@get(
    "/api/scripts/{script_id:int}",
    operation_id="getScript",
    summary="A script with its lines",
    opt={
        "right": "script:read",
        "parameter_examples": {"script_id": 1},
        "examples": {"200": {"two lines": examples.SCRIPT}},
    },
)
async def read_script(state: AppState, script_id: ScriptId) -> Script:
    """Counts as a view."""
    async with state.pool.connection() as connection:
        await store.count_view(connection, script_id)
        return await edit.read_script(connection, script_id)


@get(
    "/api/tokens/{token_id:int}",
    operation_id="getToken",
    summary="A line of a script",
    opt={
        "right": "token:read",
        "parameter_examples": {"token_id": 1},
        "examples": {"200": {"with audio": examples.TOKEN}},
    },
)
async def read_token(state: AppState, token_id: TokenId) -> Token:
    async with state.pool.connection() as connection:
        line = await store.find_line(connection, token_id)
    if line is None:
        raise NotFound
    return line.token()


@get(
    "/api/tokens/{token_id:int}/audio",
    operation_id="getTokenAudio",
    summary="How a line is spoken in the film",
    responses=FILE_RESPONSES,
    opt={
        "right": "token:read",
        "errors": [RangeNotSatisfiable, StorageUnavailable],
    },
)
async def read_audio(
    request: BoundedRequest,
    state: AppState,
    token_id: TokenId,
    byte_range: RangeHeader = None,
    if_range: IfRange = None,
    if_none_match: IfNoneMatch = None,
) -> Stream | Response[None]:
    """404 also if the line has no audio. Players may ask for parts of it by `Range`."""
    async with state.pool.connection() as connection:
        line = await store.find_line(connection, token_id)
        found = await find_object(connection, line.audio_key) if line is not None and line.audio_key else None
    if found is None:
        raise NotFound
    return await stored_file(request, state.objects, found)


@get(
    "/api/actors",
    operation_id="listActors",
    summary="Actors, by name",
    opt={"examples": {"200": {"one actor": examples.ACTORS}}},
)
async def list_actors(
    state: AppState,
    q: Annotated[
        str | None, QueryParameter(max_length=_SEARCH_LENGTH, pattern=NO_NUL, description="In their names.")
    ] = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> ActorList:
    text = searched(q)
    async with state.pool.connection() as connection:
        actors = await store.list_actors(connection, text, limit, offset)
        return ActorList(actors, await store.count_actors(connection, text))


routes = Router(
    "/",
    route_handlers=[list_scripts, list_popular, read_script, read_token, read_audio, list_actors],
    opt={"policy": "user"},
    tags=["Scripts"],
)
