"""/api/admin: administrators write the catalogue."""

from typing import Annotated

from litestar import Router, delete, patch, post, put
from litestar.params import JSONBody, PathParameter

from koodtx.app_state import AppState
from koodtx.audio.errors import AudioDamaged, UnsupportedAudio
from koodtx.names import LARGEST_ID
from koodtx.scripts import edit, examples, reference_audio
from koodtx.scripts.errors import ActorExists, ActorInUse, ScriptExists, ScriptInUse
from koodtx.scripts.messages import LINES_BYTES, Actor, NewActor, NewScript, NewTokens, Script, ScriptChange, Token
from koodtx.scripts.reference_audio import MAX_AUDIO_BYTES
from koodtx.storage.errors import StorageUnavailable
from koodtx.web.body import BoundedRequest
from koodtx.web.file_upload import receive_file
from koodtx.web.openapi.declare import file_form

ScriptId = Annotated[int, PathParameter(ge=1, le=LARGEST_ID, description="`id` of the script.")]
TokenId = Annotated[int, PathParameter(ge=1, le=LARGEST_ID, description="`token_id` of the line.")]
ActorId = Annotated[int, PathParameter(ge=1, le=LARGEST_ID, description="`id` of the actor.")]
_FIELD = "audio_file"


@post(
    "/scripts",
    operation_id="createScript",
    summary="Create a script",
    opt={
        "errors": [ScriptExists],
        "examples": {"request": examples.NEW_SCRIPT, "201": {"without lines": examples.CREATED}},
    },
)
async def create_script(state: AppState, data: JSONBody[NewScript]) -> Script:
    """Without lines, which are set afterwards."""
    async with state.pool.connection() as connection, connection.transaction():
        return await edit.create_script(connection, data)


@patch(
    "/scripts/{script_id:int}",
    operation_id="editScript",
    summary="Edit a script",
    opt={
        "right": "script:any",
        "parameter_examples": {"script_id": 1},
        "examples": {"request": examples.SCRIPT_CHANGE, "200": {"edited": examples.SCRIPT}},
    },
)
async def edit_script(state: AppState, script_id: ScriptId, data: JSONBody[ScriptChange]) -> Script:
    """Absent fields stay as they are."""
    async with state.pool.connection() as connection, connection.transaction():
        return await edit.edit_script(connection, script_id, data)


@delete(
    "/scripts/{script_id:int}",
    operation_id="deleteScript",
    summary="Delete a script with its lines",
    status_code=204,
    opt={"right": "script:any", "errors": [ScriptInUse], "parameter_examples": {"script_id": 1}},
)
async def delete_script(state: AppState, script_id: ScriptId) -> None:
    """Not if users have takes of its lines."""
    async with state.pool.connection() as connection, connection.transaction():
        await edit.delete_script(connection, script_id)


@put(
    "/scripts/{script_id:int}/tokens",
    operation_id="setTokens",
    summary="Replace the lines of a script",
    opt={
        "right": "script:any",
        "errors": [ScriptInUse],
        "body_bytes": LINES_BYTES,
        "parameter_examples": {"script_id": 1},
        "examples": {"request": examples.NEW_TOKENS, "200": {"two lines": examples.SCRIPT}},
    },
)
async def set_tokens(state: AppState, script_id: ScriptId, data: JSONBody[NewTokens]) -> Script:
    """A line keeps its `token_id`, audio, takes and bookmarks if it names the `token_id`; else if there was a line of
    the same text, wherever it was; else if it is at the same place. Lines that are left are deleted, unless users have
    takes of them: then nothing changes.
    """
    async with state.pool.connection() as connection, connection.transaction():
        return await edit.set_tokens(connection, script_id, data.tokens)


@put(
    "/tokens/{token_id:int}/audio",
    operation_id="setTokenAudio",
    summary="Set the reference audio of a line",
    operation_class=file_form(_FIELD, "WAV, MP3 or M4A, at most 50 MB. Name and type are not used."),
    opt={"right": "token:any", "errors": [UnsupportedAudio, AudioDamaged, StorageUnavailable]},
)
async def set_audio(request: BoundedRequest, state: AppState, token_id: TokenId) -> Token:
    """It replaces what the line has."""
    await reference_audio.check_line(state.pool, token_id)
    file = await receive_file(request, _FIELD, MAX_AUDIO_BYTES)
    return await reference_audio.put_audio(state.pool, state.objects, token_id, file)


@post(
    "/actors",
    operation_id="createActor",
    summary="Create an actor",
    opt={
        "errors": [ActorExists],
        "examples": {"request": examples.NEW_ACTOR, "201": {"created": examples.ACTOR}},
    },
)
async def create_actor(state: AppState, data: JSONBody[NewActor]) -> Actor:
    """Actors that lines name are created with the lines."""
    async with state.pool.connection() as connection:
        return await edit.create_actor(connection, data.name)


@patch(
    "/actors/{actor_id:int}",
    operation_id="editActor",
    summary="Rename an actor",
    opt={
        "right": "actor:any",
        "errors": [ActorExists],
        "parameter_examples": {"actor_id": 1},
        "examples": {"request": examples.ACTOR_CHANGE, "200": {"renamed": examples.ACTOR}},
    },
)
async def edit_actor(state: AppState, actor_id: ActorId, data: JSONBody[NewActor]) -> Actor:
    """In all of their lines."""
    async with state.pool.connection() as connection:
        return await edit.name_actor(connection, actor_id, data.name)


@delete(
    "/actors/{actor_id:int}",
    operation_id="deleteActor",
    summary="Delete an actor who has no lines",
    status_code=204,
    opt={"right": "actor:any", "errors": [ActorInUse]},
)
async def delete_actor(state: AppState, actor_id: ActorId) -> None:
    """Not if lines are theirs."""
    async with state.pool.connection() as connection, connection.transaction():
        await edit.delete_actor(connection, actor_id)


routes = Router(
    "/api/admin",
    route_handlers=[
        create_script, edit_script, delete_script, set_tokens, set_audio, create_actor, edit_actor, delete_actor,
    ],
    opt={"policy": "admin"},
    tags=["Scripts"],
)  # fmt: skip
