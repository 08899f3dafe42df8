"""A file of scripts to import, and audio files beside it: everything is checked before anything is written."""

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from koodtx.audio.inspect import Audio, inspect
from koodtx.errors import Invalid, KoodtxError
from koodtx.jobs.arguments import in_words
from koodtx.names import NO_NUL
from koodtx.scripts.edit import checked_script
from koodtx.scripts.lines import checked_line
from koodtx.scripts.messages import (
    MAX_LINES,
    ActorName,
    Description,
    Language,
    LineText,
    NewScript,
    NewToken,
    Seconds,
    SourceId,
    Title,
)
from koodtx.scripts.reference_audio import MAX_AUDIO_BYTES
from koodtx.scripts.store import LineToPut

# Of a folder.
_FILE_NAME = "script.json"


class _Line(Struct, forbid_unknown_fields=True):
    text: LineText
    actor: ActorName | None = None
    start_time: Seconds | None = None
    end_time: Seconds | None = None
    audio: Annotated[str, Meta(min_length=1, max_length=1000, pattern=NO_NUL)] | None = None


class _Script(Struct, forbid_unknown_fields=True):
    source_id: SourceId
    title: Title
    language: Language
    description: Description = ""
    lines: Annotated[list[_Line], Meta(max_length=MAX_LINES)] = []


class _File(Struct, forbid_unknown_fields=True):
    scripts: list[_Script]


class AudioFile(Struct):
    """A file that was found to be audio."""

    path: Path
    byte_count: int
    audio: Audio


class ScriptToImport(Struct):
    """A script that was checked. `audio`: of each line; None: the file names none."""

    script: NewScript
    lines: list[LineToPut]
    audio: list[AudioFile | None]


def read_file(path: Path) -> list[ScriptToImport]:
    """Returns the scripts of a file, or of a folder with a script.json. Raises Invalid, naming file and field."""
    file = path / _FILE_NAME if path.is_dir() else path
    try:
        return _checked(file, _decoded(file))
    except Invalid as error:
        raise Invalid(f"{file}: {error}") from error


def _decoded(file: Path) -> _File:
    try:
        return msgspec.json.decode(file.read_bytes(), type=_File)
    except msgspec.ValidationError as error:
        field, message = in_words(str(error))
        raise Invalid(f"{field}: {message}" if field else message) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Invalid(f"is not valid JSON: {error}") from error
    except OSError as error:
        raise Invalid(error.strerror or "cannot be read") from error


def _checked(file: Path, decoded: _File) -> list[ScriptToImport]:
    scripts = []
    seen: set[str] = set()
    for number, one in enumerate(decoded.scripts):
        field = f"scripts[{number}]"
        if one.source_id in seen:
            raise Invalid(f"{field}.source_id: {one.source_id} is there twice")
        seen.add(one.source_id)
        script = checked_script(NewScript(one.title, one.language, one.description, one.source_id), f"{field}.")
        lines, audio = [], []
        for place, line in enumerate(one.lines):
            at = f"{field}.lines[{place}]"
            lines.append(checked_line(NewToken(line.text, line.actor, line.start_time, line.end_time), at))
            audio.append(None if line.audio is None else _checked_audio(file.parent, line.audio, f"{at}.audio"))
        scripts.append(ScriptToImport(script, lines, audio))
    return scripts


def _checked_audio(folder: Path, name: str, field: str) -> AudioFile:
    try:
        path = (folder / name).resolve()
        if not path.is_relative_to(folder.resolve()):
            raise Invalid(f"{field}: {name} is outside the folder")
        if not path.is_file():
            raise Invalid(f"{field}: there is no file {name}")
        byte_count = path.stat().st_size
        if byte_count > MAX_AUDIO_BYTES:
            raise Invalid(f"{field}: {name} has more than {MAX_AUDIO_BYTES} bytes")
        with path.open("rb") as file:
            return AudioFile(path, byte_count, inspect(file))
    # RuntimeError: links that lead to each other.
    except (OSError, RuntimeError) as error:
        raise Invalid(f"{field}: {name} cannot be read") from error
    except Invalid:
        raise
    except KoodtxError as error:
        raise Invalid(f"{field}: {name}: {error}") from error
