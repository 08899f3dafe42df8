"""Scripts, lines and actors: what users read, and what administrators write."""

from datetime import datetime
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from koodtx.names import NO_NUL, PRINTABLE, RowId

MAX_TITLE = 200
MAX_DESCRIPTION = 5_000
MAX_LINES = 1_000
MAX_LINE = 2_000
MAX_ACTOR = 200
# The lines of a script, unless nearly all are as long as a line may be.
LINES_BYTES = 2_000_000
# Longer than any film.
_LAST_S = 1_000_000.0

Title = Annotated[str, Meta(min_length=1, max_length=MAX_TITLE, pattern=PRINTABLE)]
Description = Annotated[str, Meta(max_length=MAX_DESCRIPTION, pattern=NO_NUL)]
SourceId = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=200,
        pattern=PRINTABLE,
        description="What an import calls it, unique; null: not imported.",
    ),
]
# Not followed by a line break, which `$` allows in Python.
LANGUAGE = r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*(?!\n)$"
Language = Annotated[
    str, Meta(min_length=2, max_length=35, pattern=LANGUAGE, description="BCP 47.", examples=["ko", "en-US"])
]
LineText = Annotated[str, Meta(min_length=1, max_length=MAX_LINE, pattern=NO_NUL)]
ActorName = Annotated[str, Meta(min_length=1, max_length=MAX_ACTOR, pattern=PRINTABLE)]
Seconds = Annotated[float, Meta(ge=0, le=_LAST_S, description="Seconds from the beginning of the film.")]


class Actor(Struct):
    """Who speaks a line."""

    id: int
    name: str


class ListedActor(Actor):
    """An actor, with the number of their lines."""

    line_count: int


class ActorList(Struct):
    """A page of actors, by name."""

    actors: list[ListedActor]
    total: Annotated[int, Meta(description="On all pages.")]


class Token(Struct):
    """A line of a script."""

    token_id: int
    script_id: int
    line_no: Annotated[int, Meta(description="Its place in the script, from 1.")]
    text: str
    actor: Actor | None
    start_time: Annotated[float | None, Meta(description="Seconds from the beginning of the film.")]
    end_time: float | None
    has_audio: Annotated[bool, Meta(description="Whether there is reference audio; without it there are no takes.")]
    audio_duration_s: float | None


class ListedScript(Struct):
    """A script without its lines."""

    id: int
    source_id: Annotated[str | None, Meta(description="What an import calls it; null: not imported.")]
    title: str
    language: Annotated[str, Meta(description="BCP 47.")]
    description: str
    view_count: Annotated[int, Meta(description="How often it was read.")]
    line_count: int
    created_at: datetime
    updated_at: datetime


class Script(ListedScript):
    """A script with its lines, in their order."""

    tokens: list[Token]


class ScriptList(Struct):
    """A page of scripts, by title."""

    scripts: list[ListedScript]
    total: Annotated[int, Meta(description="On all pages.")]


class PopularScripts(Struct):
    """The scripts that were read most often, at most ten, as they were at most an hour ago."""

    scripts: list[ListedScript]


class NewScript(Struct, forbid_unknown_fields=True):
    """A script; its lines are set afterwards."""

    title: Title
    language: Language
    description: Description = ""
    source_id: SourceId | None = None


class ScriptChange(Struct, forbid_unknown_fields=True):
    """Absent fields stay as they are."""

    title: Title | UnsetType = UNSET
    language: Language | UnsetType = UNSET
    description: Description | UnsetType = UNSET


class NewToken(Struct, forbid_unknown_fields=True):
    """A line. `actor` is a name: one that is not known yet becomes an actor."""

    text: LineText
    actor: ActorName | None = None
    start_time: Seconds | None = None
    end_time: Annotated[Seconds | None, Meta(description="Later than `start_time`.")] = None
    token_id: Annotated[RowId | None, Meta(description="Which line of the script it was before.")] = None


class NewTokens(Struct, forbid_unknown_fields=True):
    """All lines of a script, in their order."""

    tokens: Annotated[list[NewToken], Meta(max_length=MAX_LINES)]


class NewActor(Struct, forbid_unknown_fields=True):
    """An actor."""

    name: ActorName
