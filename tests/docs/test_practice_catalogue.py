"""docs/practice.md, chapters of the catalogue, the import and my page: run in their order, against a service."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from koodtx.settings import Settings
from tests.docs.pages import blocks, read
from tests.docs.shell import paste
from tests.support.requests import register
from tests.support.settings import make_settings
from tests.support.speech import recording

pytestmark = [pytest.mark.api, pytest.mark.integration]

CHAPTERS = ("Catalogue", "Import", "My page")


@pytest.fixture
def settings(database_url: str, redis_url: str, tmp_path: Path) -> Settings:
    return make_settings(database_url, redis_url=redis_url, storage_url=(tmp_path / "objects").as_uri())


def test_every_command_succeeds(url: str, settings: Settings, db: psycopg.Connection[Any], tmp_path: Path) -> None:
    with httpx.Client(base_url=url, timeout=30) as http:
        names = {"URL": url}
        for variable, name in (("ADMIN", "admin"), ("AUTH", "mina")):
            names[variable] = f"Authorization: Bearer {register(http, name)['access_token']}"
        db.execute("update app.users set role = 'admin' where username = 'admin'")
    shutil.copy(recording(3), tmp_path / "line.wav")
    (tmp_path / "digits" / "audio").mkdir(parents=True)
    for digit, speaker in ((7, "jackson"), (9, "theo")):
        shutil.copy(recording(digit, speaker), tmp_path / "digits" / "audio" / f"{digit}.wav")
    (documented,) = [text for language, text in _blocks() if language == "json"]
    (tmp_path / "digits" / "script.json").write_text(documented)

    replies = []
    for command in [line for language, text in _blocks() if language == "sh" for line in text.splitlines()]:
        given = "".join(f"{name}='{value}'\n" for name, value in names.items())
        done = paste(given + command.replace("curl -s", "curl --fail-with-body -sS"), settings, tmp_path)
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        replies.append(json.loads(done.stdout) if done.stdout.startswith("{") else done.stdout)

    assert len(replies) == 19
    assert replies[2]["has_audio"] is True
    assert (replies[6]["total"], replies[6]["scripts"][0]["title"]) == (1, "비 오는 역")
    assert (tmp_path / "played.wav").read_bytes() == recording(3).read_bytes()
    assert (tmp_path / "header.wav").read_bytes() == recording(3).read_bytes()[:44]
    assert [actor["name"] for actor in replies[12]["actors"]] == ["이정재"]
    assert replies[13] == "digits: 2 lines, 2 new audio files\n"
    assert replies[15]["bookmarks"] == [replies[14]]
    assert (replies[16]["total"], replies[17]["bookmark_count"]) == (0, 1)


def _blocks() -> list[tuple[str, str]]:
    """Of these chapters; others are run by tests of their own."""
    chapters = re.split(r"^## (.*)$", read("docs/practice.md"), flags=re.MULTILINE)
    texts = dict(zip(chapters[1::2], chapters[2::2], strict=True))
    return [block for name in CHAPTERS for block in blocks(texts[name])]
