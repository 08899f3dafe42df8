"""Commands as a reader pastes them, with `koodtx` of the environment that runs the tests."""

import os
import subprocess
import sys
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from koodtx.settings import Settings
from tests.docs.pages import ROOT
from tests.support.private_servers import programs_for
from tests.support.processes import environment


def paste(script: str, settings: Settings, folder: Path, *, timeout: int = 180) -> subprocess.CompletedProcess[str]:
    """Runs them in a folder, to the first that fails."""
    command = ["bash", "-eu", "-c", f'koodtx() {{ "$PYTHON" -m koodtx "$@"; }}\n{script}']
    return subprocess.run(
        command, env=_env(settings), cwd=folder, capture_output=True, text=True, timeout=timeout, check=False
    )


def _env(settings: Settings) -> dict[str, str]:
    """As on the server's own machine, where its programs are on PATH and find it without a name."""
    folder = programs_for(settings.migration_database_url)
    parts = conninfo_to_dict(settings.migration_database_url)
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD"}
    found = {names[name]: str(value) for name, value in parts.items() if name in names}
    path = {"PATH": f"{folder or ''}:{os.environ['PATH']}", "PYTHON": sys.executable, "PYTHONPATH": str(ROOT)}
    return environment(settings) | found | path
