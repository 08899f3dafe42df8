"""`koodtx backup`: the whole database as one file."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import psycopg

from koodtx.backup.errors import BackupError
from koodtx.backup.programs import Programs, connection_arguments, in_words, run
from koodtx.settings import Settings

# A clean-up locks a chunk for a moment only. Without a limit, a longer lock would block the backup until it ends.
_LOCK_WAIT = "60s"


def backup(settings: Settings, file: Path, programs: Programs, *, say: Callable[[str], None] = print) -> None:
    """Writes what is committed at this moment to `file`, which only its owner may read.

    The file appears when it is complete, not before. The service may run meanwhile. Raises BackupError if `file`
    exists, if the database cannot be read, or if no pg_dump fits the server.
    """
    if file.exists():
        raise BackupError(f"{file} exists: choose another name, or remove it")
    url = settings.migration_database_url or settings.database_url
    pg_dump = programs.pg_dump(_server_major(url))
    draft = _draft(file)
    try:
        database, env = connection_arguments(url)
        # Unlogged tables, such as tickets, are empty after a crash anyway. Rights on functions of the catalogue are set
        # by the migration after a restore; only superusers could restore them.
        options = [
            "--format=custom",
            "--no-unlogged-table-data",
            "--exclude-schema=pg_catalog",
            f"--lock-wait-timeout={_LOCK_WAIT}",
        ]
        argv: list[str | Path] = [pg_dump, *options, f"--file={draft}", f"--dbname={database}"]
        run(argv, env, "Backing up", lambda: draft.stat().st_size)
        _make_durable(draft, file)
    finally:
        draft.unlink(missing_ok=True)
    say(f"{file}: {in_words(file.stat().st_size)}, complete")


def _server_major(url: str) -> int:
    try:
        with psycopg.connect(url, connect_timeout=10) as connection:
            if connection.execute("select to_regclass('app.migration_checksums')").fetchone() == (None,):
                raise BackupError("this database has no KooDTX: run `koodtx migrate`")
            return connection.info.server_version // 10000
    except psycopg.OperationalError as error:
        raise BackupError(f"the database cannot be reached: {str(error).splitlines()[0]}") from error


def _draft(file: Path) -> Path:
    """An empty file in the same folder, mode 0600."""
    try:
        descriptor, name = tempfile.mkstemp(prefix=f"{file.name}.", suffix=".part", dir=file.parent)
    except OSError as error:
        raise BackupError(f"cannot write to {file.parent}: {error.strerror}") from error
    os.close(descriptor)
    return Path(name)


def _make_durable(draft: Path, file: Path) -> None:
    """Written to disk before it gets its name."""
    _sync(draft)
    draft.replace(file)
    _sync(file.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)
