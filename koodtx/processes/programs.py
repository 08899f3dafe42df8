"""Where programs are installed on this machine, and what they print about themselves."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

_ANSWER_LIMIT_S = 20
_POSTGRES_FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)


def postgres_folders() -> Iterator[Path]:
    """Where programs of PostgreSQL may be installed: PATH first, then each system's own folders, newest first."""
    for name in ("pg_config", "postgres"):
        found = on_path(name)
        bin_dir = found and (output_of([found, "--bindir"]) if name == "pg_config" else str(found.parent))
        if bin_dir:
            yield Path(bin_dir.strip()).resolve()
    for pattern in _POSTGRES_FOLDERS:
        folders = Path("/").glob(pattern.lstrip("/"))
        yield from sorted(folders, key=_number_in, reverse=True)


def on_path(name: str) -> Path | None:
    """The program on PATH, not counting this virtual environment: a wheel's old Redis must not hide a newer one."""
    own = Path(sys.prefix) / "bin"
    folders = [folder for folder in os.get_exec_path() if Path(folder) != own]
    found = shutil.which(name, path=os.pathsep.join(folders))
    return Path(found) if found else None


def output_of(command: Sequence[Path | str]) -> str:
    """What a program prints about itself; empty if it does not run."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_ANSWER_LIMIT_S, check=False, cwd="/")
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""


def _number_in(folder: Path) -> int:
    return int("".join(re.findall(r"\d+", str(folder))) or 0)
