"""docs/backup.md: its commands as they are written, in one shell."""

import os
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from koodtx.settings import Settings
from tests.docs.pages import blocks, read
from tests.docs.shell import paste
from tests.support.databases import rows

pytestmark = pytest.mark.integration

_DRILL = f"koodtx_drill_{os.getpid()}"


def test_the_commands_work_as_written(
    settings: Settings, recording_session: Any, database_url: str, server: str, tmp_path: Path
) -> None:
    commands = [text for language, text in blocks(read("docs/backup.md")) if language == "sh"]
    script = "\n".join(commands).replace("koodtx_drill", _DRILL)
    before = rows(database_url)
    try:
        done = paste(script, settings, tmp_path)
        assert done.returncode == 0, done.stderr
        assert rows(database_url) == before
        assert rows(make_conninfo(database_url, dbname=_DRILL)) == before
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"drop database if exists {_DRILL} with (force)")  # type: ignore[call-overload]
    assert len(list((tmp_path / "backups").iterdir())) == 1
