"""What a dump contains, read before anything is changed."""

import re
from pathlib import Path

from msgspec import Struct

from koodtx.backup.errors import BackupError
from koodtx.backup.programs import read_output

_MAGIC = b"PGDMP"
_OURS = ("TABLE app migration_checksums", "TABLE app sync_epoch")

# Tables that only the Community edition makes and can read: columnstore chunks, continuous aggregates.
_COMMUNITY = re.compile(r" TABLE _timescaledb_internal (compress_hyper_|_compressed_hypertable_|_materialized_)")

# Grants by analysts in their schema: to roles that may not exist on this server.
_GRANTS_OF_ANALYSTS = re.compile(r" (DEFAULT )?ACL analysts ")


class Dump(Struct, frozen=True):
    """A complete dump of a KooDTX database.

    `timescaledb`: the extension's version, None for plain PostgreSQL; `job_owners`: the roles of TimescaleDB's jobs.
    """

    postgresql: int
    timescaledb: str | None
    needs_community: bool
    job_owners: list[str]


def read_dump(pg_restore: Path, file: Path) -> Dump:
    """Reads the file to its end. Raises BackupError if it is not a complete dump of a KooDTX database."""
    _require_dump(file)
    try:
        contents = read_output([pg_restore, "--list", file])
    except BackupError as error:
        raise BackupError(f"{file} cannot be read: {error}") from error
    if not all(name in contents for name in _OURS):
        raise BackupError(f"{file} is a dump of another database, without KooDTX")
    try:
        read_output([pg_restore, "--file=/dev/null", file])
    except BackupError as error:
        raise BackupError(f"{file} is incomplete or damaged: {error}") from error
    made_by = re.search(r"Dumped from database version: (\d+)", contents)
    assert made_by is not None, "every pg_restore --list contains it"
    timescaledb = _timescaledb(pg_restore, file) if " EXTENSION - timescaledb " in contents else None
    job_owners = _job_owners(pg_restore, file) if timescaledb else []
    return Dump(int(made_by[1]), timescaledb, bool(_COMMUNITY.search(contents)), job_owners)


def write_list(pg_restore: Path, file: Path, target: Path) -> None:
    """Writes what is to be restored, for pg_restore: everything but the grants by analysts in their own schema."""
    lines = read_output([pg_restore, "--list", file]).splitlines(keepends=True)
    target.write_text("".join(line for line in lines if not _GRANTS_OF_ANALYSTS.search(line)))


def _require_dump(file: Path) -> None:
    try:
        with file.open("rb") as opened:
            magic = opened.read(len(_MAGIC))
    except OSError as error:
        raise BackupError(f"{file} cannot be read: {error.strerror}") from error
    if magic != _MAGIC:
        raise BackupError(f"{file} is not a file of `koodtx backup`: it is not in pg_dump's custom format")


def _timescaledb(pg_restore: Path, file: Path) -> str:
    """The extension's version, from its own catalogue."""
    for row in _rows(pg_restore, file, "metadata"):
        if row["key"] == "timescaledb_version":
            return row["value"]
    raise BackupError(f"{file} was made with a TimescaleDB that is too old: it does not record its version")


def _job_owners(pg_restore: Path, file: Path) -> list[str]:
    """Names as SQL writes them, quoted if necessary."""
    return sorted({row["owner"] for row in _rows(pg_restore, file, "bgw_job")})


def _rows(pg_restore: Path, file: Path, table: str) -> list[dict[str, str]]:
    """The rows of one of TimescaleDB's own tables, whose schema differs between versions."""
    text = read_output([pg_restore, "--data-only", f"--table={table}", "--file=-", file])
    found = re.search(r"^COPY _timescaledb_\w+\.\w+ \((.*?)\) FROM stdin;\n(.*?)^\\\.$", text, re.MULTILINE | re.DOTALL)
    if found is None:
        return []
    columns = found[1].split(", ")
    return [dict(zip(columns, line.split("\t"), strict=True)) for line in found[2].splitlines()]
