"""docs/backup.md: its commands as they are written, in one shell."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from koodtx.backup.programs import Programs
from koodtx.settings import Settings
from tests.backup.conftest import rows
from tests.docs.pages import blocks, read
from tests.jobs.processes import environment

pytestmark = pytest.mark.integration

_DRILL = f"koodtx_drill_{os.getpid()}"


def test_the_commands_work_as_written(
    settings: Settings, recording_session: Any, database_url: str, server: str, tmp_path: Path
) -> None:
    commands = [text for language, text in blocks(read("docs/backup.md")) if language == "sh"]
    script = "\n".join(['koodtx() { "$PYTHON" -m koodtx "$@"; }', *commands]).replace("koodtx_drill", _DRILL)
    before = rows(database_url)
    try:
        command = ["bash", "-eu", "-c", script]
        done = subprocess.run(
            command, env=_env(settings), cwd=tmp_path, capture_output=True, text=True, timeout=180, check=False
        )
        assert done.returncode == 0, done.stderr
        assert rows(database_url) == before
        assert rows(make_conninfo(database_url, dbname=_DRILL)) == before
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"drop database if exists {_DRILL} with (force)")  # type: ignore[call-overload]
    assert len(list((tmp_path / "backups").iterdir())) == 1


def _env(settings: Settings) -> dict[str, str]:
    """As on the server's own machine, where its programs are on PATH and find it without a name."""
    with psycopg.connect(settings.migration_database_url) as connection:
        folder = Programs(None).pg_restore(connection.info.server_version // 10000).parent
    parts = conninfo_to_dict(settings.migration_database_url)
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD"}
    found = {names[name]: str(value) for name, value in parts.items() if name in names}
    source = str(Path(__file__).parent.parent.parent)
    path = {"PATH": f"{folder}:{os.environ['PATH']}", "PYTHON": sys.executable, "PYTHONPATH": source}
    return environment(settings) | found | path
