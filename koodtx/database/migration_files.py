"""The files of migrations/: those of every database (common), and those of its kind (community or portable)."""

import hashlib
from pathlib import Path
from typing import Any

from psycopg import Connection

from koodtx.database.errors import MigrationError
from koodtx.resources import project_folder

COMMON = "common"
_KINDS = ("community", "portable")


def folder(name: str) -> Path:
    return project_folder("migrations") / name


def kind_of(connection: Connection[Any]) -> str:
    """`community` where continuous aggregates and columnstore can be had on app.sensor_data, else `portable`."""
    row = connection.execute("select app.edition()").fetchone()
    if row != ("community",):
        return "portable"
    # With KOODTX_TIMESCALEDB=off, or when the extension came later, readings are in a plain table.
    is_hypertable = connection.execute(
        "select 1 from timescaledb_information.hypertables where hypertable_schema = 'app'"
        " and hypertable_name = 'sensor_data'"
    ).fetchone()
    return "community" if is_hypertable else "portable"


def missing(connection: Connection[Any]) -> list[str]:
    """Names of the migrations that a migrated database of this kind lacks."""
    applied = {name for (name,) in connection.execute("select name from app.migration_checksums")}
    paths = [*_files(COMMON), *_files(kind_of(connection))]
    return sorted(path.stem for path in paths if path.stem not in applied)


def refuse_edited(connection: Connection[Any]) -> None:
    """Raises MigrationError when an applied file is not as it was, or not one of this source."""
    paths = {path.stem: path for name in (COMMON, *_KINDS) for path in _files(name)}
    for name, sha256 in connection.execute("select name, sha256 from app.migration_checksums order by name"):
        if name not in paths:
            raise MigrationError(f"the database has migration {name}, which this version of KooDTX does not know")
        if _sha256(paths[name]) != sha256:
            raise MigrationError(
                f"migrations/{paths[name].parent.name}/{name}.sql was edited after it had been applied:"
                " put it back as it was, and write the change as a new migration"
            )


def refuse_foreign(connection: Connection[Any]) -> None:
    """Raises MigrationError when the database was migrated as community, and cannot be that here."""
    names = [path.stem for path in _files("community")]
    applied = connection.execute("select 1 from app.migration_checksums where name = any(%s)", [names]).fetchone()
    if applied and kind_of(connection) != "community":
        raise MigrationError(
            "nothing was changed: this database keeps rollups in continuous aggregates, and may keep readings in"
            " columnstore, which only TimescaleDB Community has (timescaledb.license = timescale). Run it there."
        )


def record(connection: Connection[Any], name: str) -> None:
    """Notes the checksums of a folder whose migrations are applied."""
    for path in _files(name):
        connection.execute(
            "insert into app.migration_checksums values (%s, %s) on conflict do nothing", [path.stem, _sha256(path)]
        )


def _files(name: str) -> list[Path]:
    return sorted(folder(name).glob("*.sql"))


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
