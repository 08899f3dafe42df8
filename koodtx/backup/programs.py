"""pg_dump and pg_restore: which ones there are, and running them."""

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

from koodtx.embedded import EmbeddedError, UnavailableError, debian, wheels
from koodtx.embedded.binaries import find_postgres, installed_folders
from koodtx.embedded.process import end, last_words_of, spawn
from koodtx.errors import BackupError

_LOOK_EVERY_S = 0.1


class Programs:
    """Finds programs of PostgreSQL. `kind` is the one whose server `koodtx up` runs, if the database is that one's."""

    def __init__(self, kind: str | None) -> None:
        self._kind = kind

    def pg_dump(self, server_major: int) -> Path:
        """The server's own, else a newer one. Raises BackupError when all that are here are older."""
        found = self._find("pg_dump", server_major)
        newer = sorted(major for major in found if major >= server_major)
        if not newer:
            raise BackupError(_missing("pg_dump", f"{server_major} or newer", server_major, found))
        return found[newer[0]]

    def pg_restore(self, server_major: int) -> Path:
        """The server's own: a newer one says things that an older server does not know. Raises BackupError."""
        found = self._find("pg_restore", server_major)
        if server_major not in found:
            raise BackupError(_missing("pg_restore", str(server_major), server_major, found))
        return found[server_major]

    def _find(self, name: str, server_major: int) -> dict[int, Path]:
        """The first program of each major version; looks no further than to the server's own."""
        found: dict[int, Path] = {}
        for folder in self._folders():
            major = _major(folder / name)
            if major is not None:
                found.setdefault(major, folder / name)
            if server_major in found:
                break
        return found

    def _folders(self) -> Iterator[Path]:
        if self._kind:
            try:
                yield find_postgres(self._kind, lambda _: None).bin_dir
            except EmbeddedError as error:
                raise BackupError(str(error)) from error
        yield from map(Path, os.get_exec_path())
        yield from installed_folders()
        try:
            unpacked = debian.unpacked()
            if unpacked:
                yield debian.programs(unpacked)
            yield wheels.postgres_programs(lambda _: None)
        except UnavailableError:
            return


def connection_arguments(url: str) -> tuple[str, dict[str, str]]:
    """What names a database to a program, and its environment. A password among arguments would be seen by all."""
    parts = {name: str(value) for name, value in conninfo_to_dict(url).items()}
    password = parts.pop("password", None)
    secret = {} if password is None else {"PGPASSWORD": password}
    return make_conninfo("", **parts), dict(os.environ) | {"LC_ALL": "C"} | secret


def run(argv: list[str | Path], env: dict[str, str], doing: str, size: Callable[[], int]) -> None:
    """Runs a program to its end; at a terminal one line tells what `size` grew to.

    What it says counts only when it fails: then it is raised as BackupError. A warning of TimescaleDB's circular
    foreign keys comes every time and means nothing.
    """
    with tempfile.TemporaryDirectory() as folder, Console().status(Text(f"{doing} ..."), spinner="line") as status:
        log = Path(folder) / "log"
        process = spawn(argv, cwd=Path.cwd(), log=log, env=env)
        try:
            while process.poll() is None:
                status.update(Text(f"{doing} ... {in_words(size())}"))
                time.sleep(_LOOK_EVERY_S)
        finally:
            end(process)
        if process.returncode != 0:
            raise BackupError(f"{Path(argv[0]).name} failed: {last_words_of(log)}")


def ask(argv: list[str | Path]) -> str:
    """What a program prints about a file. Raises BackupError with its last words."""
    done = subprocess.run(argv, capture_output=True, env=os.environ | {"LC_ALL": "C"}, check=False)
    if done.returncode != 0:
        raise BackupError(done.stderr.decode(errors="replace").strip().splitlines()[-1])
    return done.stdout.decode(errors="replace")


def in_words(size_bytes: int) -> str:
    """e.g. `12.3 MB`"""
    return f"{size_bytes / 1e6:,.1f} MB"


def _major(program: Path) -> int | None:
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=20, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    version = re.search(r"\) (\d+)", said)
    return int(version[1]) if version else None


def _missing(name: str, wanted: str, server_major: int, found: dict[int, Path]) -> str:
    there = ", ".join(f"{major} in {path.parent}" for major, path in sorted(found.items())) or "none"
    return (
        f"the server is PostgreSQL {server_major} and needs {name} {wanted}; here is {there}:"
        f" install postgresql-client-{server_major}, or put its folder on PATH"
    )
