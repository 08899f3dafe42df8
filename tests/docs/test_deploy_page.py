"""deploy/README.md: its commands, with a server of the tests in the place of the compose file's."""

import re
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from koodtx.database.edition import read_edition
from koodtx.settings import Settings
from tests.docs.pages import blocks, read
from tests.docs.shell import paste
from tests.support.databases import rows

pytestmark = pytest.mark.integration

# What runs inside of a container runs here; starting and stopping them is left out.
_DOCKER = """
docker() {
    case "$2" in
        exec | run)
            shift 2
            while [[ "$1" == -* ]]; do shift; done
            shift
            "$@"
            ;;
    esac
}
"""


def test_operations_work_as_written(settings: Settings, recording_session: Any, tmp_path: Path) -> None:
    done = paste(_DOCKER + _block("koodtx retention set"), settings, tmp_path)

    assert done.returncode == 0, done.stderr
    assert "sensor-data is kept for 60 days" in done.stdout


def test_a_copy_is_put_back_as_written(
    settings: Settings, recording_session: Any, database_url: str, server: str, tmp_path: Path
) -> None:
    with psycopg.connect(database_url) as connection:
        name, user = connection.info.dbname, connection.info.user
        if read_edition(connection).name == "plain":
            pytest.skip("this server has no TimescaleDB, which the compose file's has")
    script = (_block("pg_dump") + _block("pg_restore")).replace("--username koodtx", f"--username {user}")
    # The database's name, not the command's, a file's or a folder's.
    script = re.sub(r"\bkoodtx(_before)?(?=( rename|;| >|'|$))", rf"{name}\1", script, flags=re.MULTILINE)
    script = script.replace("--dbname koodtx ", f"--dbname {name} ")
    before = rows(database_url)
    try:
        done = paste(_DOCKER + script, settings, tmp_path)

        assert done.returncode == 0, done.stderr
        assert "\nsync epoch " in done.stdout
        assert rows(database_url) == before
        assert rows(make_conninfo(database_url, dbname=f"{name}_before")) == before
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"drop database if exists {name}_before with (force)")  # type: ignore[call-overload]


def _block(word: str) -> str:
    (text,) = (text for language, text in blocks(read("deploy/README.md")) if language == "sh" and word in text)
    return text
