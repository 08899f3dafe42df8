"""Finds and runs pg_dump and pg_restore."""

import os
import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo
from rich.console import Console
from rich.text import Text

from koodtx.backup.errors import BackupError
from koodtx.processes.child import end, spawn
from koodtx.processes.logs import last_lines_of
from koodtx.processes.programs import output_of, postgres_folders

_UPDATE_EVERY_S = 0.1


class Programs:
    """Finds programs of PostgreSQL. `own_folder`: those of the server that `koodtx up` runs, which are tried first."""

    def __init__(self, own_folder: Path | None = None) -> None:
        self._own_folder = own_folder

    def pg_dump(self, server_major: int) -> Path:
        """The one of the server's version, else a newer one. Raises BackupError if all that are here are older."""
        found = self._find("pg_dump", server_major)
        newer = sorted(major for major in found if major >= server_major)
        if not newer:
            raise BackupError(_missing("pg_dump", f"{server_major} or newer", server_major, found))
        return found[newer[0]]

    def pg_restore(self, server_major: int) -> Path:
        """The one of the server's version: a newer pg_restore emits SQL that an older server rejects.

        Raises BackupError.
        """
        found = self._find("pg_restore", server_major)
        if server_major not in found:
            raise BackupError(_missing("pg_restore", str(server_major), server_major, found))
        return found[server_major]

    def _find(self, name: str, server_major: int) -> dict[int, Path]:
        """The first program of each major version; stops at the server's version."""
        found: dict[int, Path] = {}
        for folder in self._folders():
            major = _major(folder / name)
            if major is not None:
                found.setdefault(major, folder / name)
            if server_major in found:
                break
        return found

    def _folders(self) -> Iterator[Path]:
        if self._own_folder:
            yield self._own_folder
        yield from map(Path, os.get_exec_path())
        yield from postgres_folders()


def connection_arguments(url: str) -> tuple[str, dict[str, str]]:
    """The database's name for a program, and its environment. Every user can read a password among the arguments."""
    parts = {name: str(value) for name, value in conninfo_to_dict(url).items()}
    password = parts.pop("password", None)
    secret = {} if password is None else {"PGPASSWORD": password}
    return make_conninfo("", **parts), dict(os.environ) | {"LC_ALL": "C"} | secret


def run(argv: list[str | Path], env: dict[str, str], doing: str, size: Callable[[], int]) -> None:
    """Runs a program to its end; a terminal shows the growing `size` meanwhile.

    Raises BackupError with its output if it fails, and ignores the output otherwise: TimescaleDB's circular foreign
    keys cause a warning every time, which means nothing.
    """
    with tempfile.TemporaryDirectory() as folder, Console().status(Text(f"{doing} ..."), spinner="line") as status:
        log = Path(folder) / "log"
        process = spawn(argv, cwd=Path.cwd(), log=log, env=env)
        try:
            while process.poll() is None:
                status.update(Text(f"{doing} ... {in_words(size())}"))
                time.sleep(_UPDATE_EVERY_S)
        finally:
            end(process)
        if process.returncode != 0:
            raise BackupError(f"{Path(argv[0]).name} failed: {last_lines_of(log)}")


def read_output(argv: list[str | Path]) -> str:
    """What a program prints about a file. Raises BackupError with its last line."""
    done = subprocess.run(argv, capture_output=True, env=os.environ | {"LC_ALL": "C"}, check=False)
    if done.returncode != 0:
        raise BackupError(done.stderr.decode(errors="replace").strip().splitlines()[-1])
    return done.stdout.decode(errors="replace")


def in_words(size_bytes: int) -> str:
    """e.g. `12.3 MB`"""
    return f"{size_bytes / 1e6:,.1f} MB"


def _major(program: Path) -> int | None:
    version = re.search(r"\) (\d+)", output_of([program, "--version"]))
    return int(version[1]) if version else None


def _missing(name: str, wanted: str, server_major: int, found: dict[int, Path]) -> str:
    available = ", ".join(f"{major} in {path.parent}" for major, path in sorted(found.items())) or "none"
    return (
        f"the server is PostgreSQL {server_major} and needs {name} {wanted}; here is {available}:"
        f" install postgresql-client-{server_major}, or add its folder to PATH"
    )
