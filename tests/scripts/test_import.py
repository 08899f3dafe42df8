"""`koodtx scripts import`: again is an update, errors name file and field, nothing is read outside the folder."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koodtx.errors import Invalid
from koodtx.scripts.import_file import read_file
from koodtx.settings import Settings
from tests.support.aliases import Call, Client, Db
from tests.support.commands import run_command
from tests.support.settings import make_settings
from tests.support.speech import recording

pytestmark = [pytest.mark.api, pytest.mark.integration]

Import = Callable[..., str]


@pytest.fixture
def settings(database_url: str, redis_url: str, tmp_path: Path) -> Settings:
    return make_settings(database_url, redis_url=redis_url, storage_url=(tmp_path / "objects").as_uri())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Audio files of three digits, below a folder for the audio of scripts."""
    folder = tmp_path / "digits"
    (folder / "audio").mkdir(parents=True)
    for digit in (3, 7, 9):
        shutil.copy(recording(digit), folder / "audio" / f"{digit}.wav")
    return folder


def lines() -> list[dict[str, Any]]:
    return [
        {"text": "Three", "actor": "Jackson", "start_time": 0, "end_time": 0.5, "audio": "audio/3.wav"},
        {"text": "Seven", "actor": "Jackson", "audio": "audio/7.wav"},
        {"text": "Nine", "actor": "Theo", "audio": "audio/9.wav"},
    ]


def script(source_id: str = "digits", given: Any = None, **fields: Any) -> dict[str, Any]:
    return {
        "source_id": source_id,
        "title": "숫자",
        "language": "en",
        "lines": lines() if given is None else given,
    } | fields


@pytest.fixture
def run(settings: Settings, folder: Path) -> Import:
    """Imports scripts; returns what the command says, whose exit code must be the one expected."""

    def call(*scripts: Any, path: Path = folder, code: int = 0) -> str:
        (folder / "script.json").write_text(json.dumps({"scripts": scripts}))
        done = run_command(settings, "scripts", "import", str(path))
        assert done.returncode == code, done.stdout + done.stderr
        return done.stderr if code else done.stdout

    return call


def stored(db: Db) -> list[str]:
    return [key for (key,) in db.execute("select key from app.stored_objects order by key").fetchall()]


@pytest.mark.parametrize("name", ["", "script.json"], ids=["a folder", "a file"])
def test_scripts_are_imported_with_their_audio(
    run: Import, ask: Call, client: Client, auth_headers: dict[str, str], folder: Path, name: str
) -> None:
    assert run(script(), script("empty", []), path=folder / name) == (
        "digits: 3 lines, 3 new audio files\nempty: 0 lines, 0 new audio files\n"
    )
    listed = ask("GET", "/api/scripts/")["scripts"]
    assert {one["source_id"]: one["line_count"] for one in listed} == {"digits": 3, "empty": 0}
    (digits,) = [one["id"] for one in listed if one["source_id"] == "digits"]
    tokens = ask("GET", f"/api/scripts/{digits}")["tokens"]
    assert [(token["text"], token["actor"]["name"], token["has_audio"]) for token in tokens] == [
        ("Three", "Jackson", True), ("Seven", "Jackson", True), ("Nine", "Theo", True),
    ]  # fmt: skip
    assert (tokens[0]["start_time"], tokens[0]["end_time"], tokens[1]["end_time"]) == (0, 0.5, None)
    audio = client.get(f"/api/tokens/{tokens[1]['token_id']}/audio", headers=auth_headers)
    assert audio.content == recording(7).read_bytes()


def test_the_same_again_writes_nothing(run: Import, ask: Call, db: Db) -> None:
    run(script())
    (listed,) = ask("GET", "/api/scripts/")["scripts"]
    before = ask("GET", f"/api/scripts/{listed['id']}"), stored(db)
    assert run(script()) == "digits: as it was\n"
    after = ask("GET", f"/api/scripts/{listed['id']}")
    assert (after | {"view_count": 1}, stored(db)) == before
    assert len(ask("GET", "/api/actors/")["actors"]) == 2


def test_what_changed_is_updated(
    run: Import, ask: Call, folder: Path, client: Client, auth_headers: dict[str, str], take: Call, db: Db
) -> None:
    run(script())
    (listed,) = ask("GET", "/api/scripts/")["scripts"]
    three, seven, nine = [token["token_id"] for token in ask("GET", f"/api/scripts/{listed['id']}")["tokens"]]
    take(nine)
    shutil.copy(recording(7, "theo"), folder / "audio" / "7.wav")
    one, two, last = lines()
    new = [last, one | {"text": "Three!", "audio": None}, two, {"text": "Four"}]
    # Moved lines are found by their text, the edited one is new, as its place is taken.
    assert run(script(given=new, title="숫자들")) == "digits: 4 lines, 1 new audio files\n"
    changed = ask("GET", f"/api/scripts/{listed['id']}")
    assert changed["title"] == "숫자들"
    assert [token["token_id"] for token in changed["tokens"]][::2] == [nine, seven]
    assert [token["has_audio"] for token in changed["tokens"]] == [True, False, True, False]
    audio = client.get(f"/api/tokens/{seven}/audio", headers=auth_headers)
    assert audio.content == recording(7, "theo").read_bytes()
    ask("GET", f"/api/tokens/{three}", status=404)
    # An edited text at its place keeps the line with its audio, though the file does not name it any more.
    new[0] = {"text": "Nine!"}
    assert run(script(given=new, title="숫자들")) == "digits: 4 lines, 0 new audio files\n"
    edited = ask("GET", f"/api/tokens/{nine}")
    assert (edited["text"], edited["has_audio"]) == ("Nine!", True)


def test_script_is_imported_whole_or_not_at_all(run: Import, ask: Call, take: Call, db: Db) -> None:
    run(script())
    (listed,) = ask("GET", "/api/scripts/")["scripts"]
    before = ask("GET", f"/api/scripts/{listed['id']}")
    take(before["tokens"][2]["token_id"])
    keys = stored(db)
    # The new line's audio is stored before the database refuses to delete the line with a take.
    shorter = [lines()[0], {"text": "Zero", "audio": "audio/9.wav"}]
    said = run(script("first", []), script(given=shorter, title="other"), code=2)
    assert said == "koodtx: digits: there are takes of lines that the new list lacks: 1\n"
    assert ask("GET", f"/api/scripts/{listed['id']}") | {"view_count": 1} == before
    assert stored(db) == keys
    assert [one["source_id"] for one in ask("GET", "/api/scripts/")["scripts"]] == ["digits", "first"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"title": None}, "scripts[0].title: Expected `string`, got `null`"),
     ({"lines": [{"text": "a"}, {}]}, "scripts[0].lines[1]: Object missing required field `text`"),
     ({"lines": [{"text": "a", "sound": "a"}]}, "scripts[0].lines[0]: Object contains unknown field `sound`"),
     ({"lines": [{"text": " "}]}, "scripts[0].lines[0].text must not be empty"),
     ({"lines": [{"text": "a", "start_time": 2, "end_time": 1}]},
      "scripts[0].lines[0].end_time must be later than start_time"),
     ({"lines": [{"text": "a", "audio": "none.wav"}]}, "scripts[0].lines[0].audio: there is no file none.wav"),
     ({"lines": [{"text": "a", "audio": "audio"}]}, "scripts[0].lines[0].audio: there is no file audio"),
     ({"lines": [{"text": "a", "audio": "a" * 999}]}, f"scripts[0].lines[0].audio: {'a' * 999} cannot be read"),
     ({"lines": [{"text": "a", "audio": "script.json"}]},
      "scripts[0].lines[0].audio: script.json: The file is not WAV, MP3 or M4A audio."),
     ({"lines": [{"text": "a", "audio": "cut.wav"}]}, "scripts[0].lines[0].audio: cut.wav: "),
     ({"language": "Korean!"}, "scripts[0].language: "), ({"source_id": ""}, "scripts[0].source_id: "),
     ({"lines": [{"text": "a"}] * 1001}, "scripts[0].lines: ")],
)  # fmt: skip
def test_error_names_file_and_field(run: Import, db: Db, folder: Path, changes: dict[str, Any], said: str) -> None:
    (folder / "cut.wav").write_bytes(recording(3).read_bytes()[:-100])
    good = script("good", [])
    assert run(script(**changes), good, code=2).startswith(f"koodtx: {folder / 'script.json'}: {said}")
    assert db.execute("select count(*) from app.scripts").fetchone() == (0,)


def test_one_source_id_twice_is_refused(run: Import, folder: Path) -> None:
    assert run(script(), script(), code=2) == (
        f"koodtx: {folder / 'script.json'}: scripts[1].source_id: digits is there twice\n"
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"{", "is not valid JSON"), (b"\xff", "is not valid JSON"), (b"[]", "Expected `object`, got `array`"),
     (None, "No such file or directory")],
)  # fmt: skip
def test_file_that_is_not_valid_is_refused(settings: Settings, folder: Path, content: bytes | None, said: str) -> None:
    if content is not None:
        (folder / "script.json").write_bytes(content)
    done = run_command(settings, "scripts", "import", str(folder))
    assert done.returncode == 2
    assert done.stderr.startswith(f"koodtx: {folder / 'script.json'}: {said}")


def test_links_out_of_the_folder_are_not_followed(run: Import, folder: Path, tmp_path: Path) -> None:
    shutil.copy(recording(9), tmp_path / "secret.wav")
    (folder / "link.wav").symlink_to(tmp_path / "secret.wav")
    (folder / "elsewhere").symlink_to(tmp_path)
    (folder / "loop.wav").symlink_to("loop.wav")
    for name in ("link.wav", "elsewhere/secret.wav", "../secret.wav", str(tmp_path / "secret.wav"), ".."):
        said = run(script(given=[{"text": "a", "audio": name}]), code=2)
        assert f"scripts[0].lines[0].audio: {name} is outside the folder" in said
    assert "loop.wav" in run(script(given=[{"text": "a", "audio": "loop.wav"}]), code=2)
    (folder / "inside.wav").symlink_to("audio/9.wav")
    run(script(given=[{"text": "a", "audio": "./audio/../inside.wav"}]))


_PARTS = st.lists(st.sampled_from(["..", ".", "audio", "elsewhere", "3.wav", "secret.wav", ""]), min_size=1, max_size=6)


@given(parts=_PARTS, is_absolute=st.booleans())
def test_no_path_leads_out(parts: list[str], is_absolute: bool, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside")
    folder = outside / "digits"
    (folder / "audio").mkdir(parents=True)
    shutil.copy(recording(3), folder / "audio" / "3.wav")
    shutil.copy(recording(3), outside / "secret.wav")
    (folder / "elsewhere").symlink_to(outside)
    name = f"{outside if is_absolute else ''}/".lstrip("/" if not is_absolute else "") + "/".join(parts)
    file = folder / "script.json"
    file.write_text(json.dumps({"scripts": [script(given=[{"text": "a", "audio": name or "."}])]}))
    try:
        (audio,) = read_file(folder)[0].audio
    except Invalid:
        return
    assert audio is not None
    assert audio.path == (folder / "audio" / "3.wav").resolve()
