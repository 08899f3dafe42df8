"""The room's SQL calls."""

from collections.abc import Sequence

import msgspec
import psycopg
from msgspec import Struct

from koodtx.database.query import Connection, execute, fetch_all, fetch_one, fetch_value
from koodtx.errors import FieldError
from koodtx.scripts.errors import ActorExists
from koodtx.scripts.messages import Actor, ListedActor, ListedScript, NewScript, Token

_POPULAR = 10


class LineRow(Struct):
    """A line as the database has it."""

    token_id: int
    script_id: int
    line_no: int
    text: str
    actor_id: int | None
    actor_name: str | None
    start_time: float | None
    end_time: float | None
    audio_key: str | None
    audio_duration_s: float | None

    def token(self) -> Token:
        actor = None
        if self.actor_id is not None and self.actor_name is not None:
            actor = Actor(self.actor_id, self.actor_name)
        return Token(
            self.token_id, self.script_id, self.line_no, self.text, actor, self.start_time, self.end_time,
            self.audio_key is not None, self.audio_duration_s,
        )  # fmt: skip


class LineToPut(Struct, kw_only=True):
    """A line as `put_lines` takes it. `id`: of the line that it was before."""

    text: str
    id: int | None = None
    actor: str | None = None
    start_s: float | None = None
    end_s: float | None = None
    audio_key: str | None = None
    audio_duration_s: float | None = None
    audio_sample_rate_hz: int | None = None


async def list_scripts(
    connection: Connection, text: str | None, language: str | None, limit: int, offset: int
) -> list[ListedScript]:
    return await fetch_all(
        connection,
        ListedScript,
        "select * from app.list_scripts(%(text)s, %(language)s, %(limit)s, %(offset)s)",
        {"text": text, "language": language, "limit": limit, "offset": offset},
    )


async def count_scripts(connection: Connection, text: str | None, language: str | None) -> int:
    count: int = await fetch_value(
        connection,
        "select count(*) from app.matching_scripts(%(text)s, %(language)s)",
        {"text": text, "language": language},
    )
    return count


async def popular_scripts(connection: Connection) -> list[ListedScript]:
    """The scripts that were read most often."""
    return await fetch_all(
        connection,
        ListedScript,
        "select * from app.script_details order by view_count desc, id limit %(limit)s",
        {"limit": _POPULAR},
    )


async def count_view(connection: Connection, script_id: int) -> bool:
    """Counts a reader. False: there is no such script."""
    return (
        await execute(
            connection, "update app.scripts set view_count = view_count + 1 where id = %(id)s", {"id": script_id}
        )
        > 0
    )


async def find_script(connection: Connection, script_id: int) -> ListedScript | None:
    return await fetch_one(
        connection, ListedScript, "select * from app.script_details where id = %(id)s", {"id": script_id}
    )


async def find_source(connection: Connection, source_id: str) -> ListedScript | None:
    """The script that an import calls so."""
    return await fetch_one(
        connection,
        ListedScript,
        "select * from app.script_details where source_id = %(source_id)s",
        {"source_id": source_id},
    )


async def list_lines(connection: Connection, script_id: int) -> list[LineRow]:
    """The lines of a script, in their order."""
    return await fetch_all(
        connection,
        LineRow,
        "select * from app.line_details where script_id = %(id)s order by line_no",
        {"id": script_id},
    )


async def find_line(connection: Connection, token_id: int) -> LineRow | None:
    return await fetch_one(
        connection, LineRow, "select * from app.line_details where token_id = %(id)s", {"id": token_id}
    )


async def list_actors(connection: Connection, text: str | None, limit: int, offset: int) -> list[ListedActor]:
    return await fetch_all(
        connection,
        ListedActor,
        "select * from app.list_actors(%(text)s, %(limit)s, %(offset)s)",
        {"text": text, "limit": limit, "offset": offset},
    )


async def count_actors(connection: Connection, text: str | None) -> int:
    count: int = await fetch_value(
        connection, "select count(*) from app.actors where app.text_contains(name, %(text)s)", {"text": text}
    )
    return count


async def insert_script(connection: Connection, script: NewScript) -> int | None:
    """The id; None: another script has this source_id."""
    script_id: int | None = await fetch_value(
        connection,
        """
        insert into app.scripts (source_id, title, language, description)
        values (%(source_id)s, %(title)s, %(language)s, %(description)s)
        on conflict (source_id) do nothing returning id
        """,
        msgspec.structs.asdict(script),
    )
    return script_id


async def put_script(connection: Connection, script: NewScript) -> int:
    """Creates or updates the script of this source_id, and locks it until the end of the transaction."""
    script_id: int = await fetch_value(
        connection,
        """
        insert into app.scripts (source_id, title, language, description)
        values (%(source_id)s, %(title)s, %(language)s, %(description)s)
        on conflict (source_id) do update
        set title = excluded.title, language = excluded.language, description = excluded.description,
            updated_at = clock_timestamp()
        returning id
        """,
        msgspec.structs.asdict(script),
    )
    return script_id


async def edit_script(
    connection: Connection, script_id: int, title: str | None, language: str | None, description: str | None
) -> bool:
    """None stays as it is. False: there is no such script."""
    changed = await execute(
        connection,
        """
        update app.scripts
        set title = coalesce(%(title)s, title), language = coalesce(%(language)s, language),
            description = coalesce(%(description)s, description), updated_at = clock_timestamp()
        where id = %(id)s
        """,
        {"id": script_id, "title": title, "language": language, "description": description},
    )
    return changed > 0


async def lock_script(connection: Connection, script_id: int) -> bool:
    """Its lines do not change until the end of this transaction. False: there is no such script."""
    found = await fetch_value(
        connection, "select true from app.scripts where id = %(id)s for no key update", {"id": script_id}
    )
    return found is not None


async def delete_script(connection: Connection, script_id: int) -> int | None:
    """The number of takes, for which it stays if there are any; None: there is no such script."""
    takes: int | None = await fetch_value(connection, "select app.delete_script(%(id)s)", {"id": script_id})
    return takes


async def put_lines(connection: Connection, script_id: int, lines: Sequence[LineToPut]) -> int:
    """Replaces the lines of a script that is locked. Returns the number of takes of lines that would be deleted; unless
    it is 0, nothing is changed.
    """
    takes: int = await fetch_value(
        connection,
        "select app.put_lines(%(id)s, %(lines)s::text::jsonb)",
        {"id": script_id, "lines": msgspec.json.encode(lines).decode()},
    )
    return takes


async def put_audio(connection: Connection, token_id: int, key: str, duration_s: float, sample_rate_hz: int) -> bool:
    """Makes a stored file the reference audio of a line; the clean-up removes the one before. False: there is no such
    line.
    """
    changed = await execute(
        connection,
        """
        update app.lines
        set audio_key = %(key)s, audio_duration_s = %(duration_s)s, audio_sample_rate_hz = %(sample_rate_hz)s
        where id = %(id)s
        """,
        {"id": token_id, "key": key, "duration_s": duration_s, "sample_rate_hz": sample_rate_hz},
    )
    return changed > 0


async def insert_actor(connection: Connection, name: str) -> Actor | None:
    """None: another actor has this name."""
    return await fetch_one(
        connection,
        Actor,
        "insert into app.actors (name) values (%(name)s) on conflict (name) do nothing returning id, name",
        {"name": name},
    )


async def name_actor(connection: Connection, actor_id: int, name: str) -> Actor | None:
    """None: there is no such actor. Raises ActorExists."""
    try:
        return await fetch_one(
            connection,
            Actor,
            "update app.actors set name = %(name)s where id = %(id)s returning id, name",
            {"id": actor_id, "name": name},
        )
    except psycopg.errors.UniqueViolation as error:
        raise ActorExists(errors=[FieldError("name", "is the name of another actor")]) from error


async def delete_actor(connection: Connection, actor_id: int) -> int | None:
    """The number of lines, for which the actor stays if there are any; None: there is no such actor."""
    lines: int | None = await fetch_value(connection, "select app.delete_actor(%(id)s)", {"id": actor_id})
    return lines
