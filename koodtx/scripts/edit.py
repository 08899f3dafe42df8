"""Changes of the catalogue, each in the caller's transaction."""

from collections.abc import Sequence

from msgspec import UNSET, structs

from koodtx.database.query import Connection
from koodtx.errors import FieldError, NotFound
from koodtx.scripts import store
from koodtx.scripts.errors import ActorExists, ActorInUse, ScriptExists, ScriptInUse
from koodtx.scripts.lines import GivenLine, KnownLine, checked_line, matched
from koodtx.scripts.messages import (
    MAX_ACTOR,
    MAX_DESCRIPTION,
    MAX_TITLE,
    Actor,
    NewScript,
    NewToken,
    Script,
    ScriptChange,
)
from koodtx.scripts.store import LineToPut
from koodtx.scripts.texts import one_line, optional_text


def checked_script(script: NewScript, field: str = "") -> NewScript:
    """Raises Invalid, naming the field within `field`."""
    return structs.replace(
        script,
        title=one_line(script.title, f"{field}title", MAX_TITLE),
        description=optional_text(script.description, f"{field}description", MAX_DESCRIPTION),
    )


async def read_script(connection: Connection, script_id: int) -> Script:
    """Raises NotFound."""
    found = await store.find_script(connection, script_id)
    if found is None:
        raise NotFound
    lines = await store.list_lines(connection, script_id)
    return Script(**structs.asdict(found), tokens=[line.token() for line in lines])


async def create_script(connection: Connection, new: NewScript) -> Script:
    """Raises Invalid, ScriptExists."""
    script_id = await store.insert_script(connection, checked_script(new))
    if script_id is None:
        raise ScriptExists(errors=[FieldError("source_id", "belongs to another script")])
    return await read_script(connection, script_id)


async def edit_script(connection: Connection, script_id: int, change: ScriptChange) -> Script:
    """Raises Invalid, NotFound."""
    title = None if change.title is UNSET else one_line(change.title, "title", MAX_TITLE)
    language = None if change.language is UNSET else change.language
    description = None
    if change.description is not UNSET:
        description = optional_text(change.description, "description", MAX_DESCRIPTION)
    if not await store.edit_script(connection, script_id, title, language, description):
        raise NotFound
    return await read_script(connection, script_id)


async def delete_script(connection: Connection, script_id: int) -> None:
    """Raises NotFound, ScriptInUse."""
    takes = await store.delete_script(connection, script_id)
    if takes is None:
        raise NotFound
    if takes:
        raise ScriptInUse(f"there are takes of its lines: {takes}")


async def set_tokens(connection: Connection, script_id: int, tokens: Sequence[NewToken]) -> Script:
    """Raises Invalid, NotFound, ScriptInUse."""
    lines = [checked_line(token, f"tokens[{place}]") for place, token in enumerate(tokens)]
    if not await store.lock_script(connection, script_id):
        raise NotFound
    await put_lines(connection, script_id, lines, "tokens")
    return await read_script(connection, script_id)


async def put_lines(connection: Connection, script_id: int, lines: list[LineToPut], field: str) -> None:
    """Replaces the lines of a script that is locked. Raises Invalid, ScriptInUse."""
    rows = await store.list_lines(connection, script_id)
    known = [KnownLine(row.token_id, row.line_no, row.text) for row in rows]
    ids = matched(known, [GivenLine(line.id, line.text) for line in lines], field)
    lines = [structs.replace(line, id=line_id) for line, line_id in zip(lines, ids, strict=True)]
    takes = await store.put_lines(connection, script_id, lines)
    if takes:
        raise ScriptInUse(f"there are takes of lines that the new list lacks: {takes}")


async def create_actor(connection: Connection, name: str) -> Actor:
    """Raises Invalid, ActorExists."""
    actor = await store.insert_actor(connection, one_line(name, "name", MAX_ACTOR))
    if actor is None:
        raise ActorExists(errors=[FieldError("name", "is the name of another actor")])
    return actor


async def name_actor(connection: Connection, actor_id: int, name: str) -> Actor:
    """Raises Invalid, ActorExists, NotFound."""
    actor = await store.name_actor(connection, actor_id, one_line(name, "name", MAX_ACTOR))
    if actor is None:
        raise NotFound
    return actor


async def delete_actor(connection: Connection, actor_id: int) -> None:
    """Raises NotFound, ActorInUse."""
    lines = await store.delete_actor(connection, actor_id)
    if lines is None:
        raise NotFound
    if lines:
        raise ActorInUse(f"there are lines of this actor: {lines}")
