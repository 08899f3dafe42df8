"""`koodtx backup`, `koodtx restore`"""

import sys
from pathlib import Path

import rich_click as click
from redis.exceptions import RedisError

from koodtx.analysis.cache import clear
from koodtx.backup.dump import backup as write_backup
from koodtx.backup.programs import Programs
from koodtx.backup.restore import restore as restore_backup
from koodtx.command_line import data_dir_option, environment, load_database_settings
from koodtx.processes.supervisor import StopRequested, stop_on_signals


@click.command
@data_dir_option
@click.argument("file", type=click.Path(path_type=Path))
def backup(file: Path) -> None:
    """Writes the whole database to one file, while the service runs.

    FILE must not exist yet.
    """
    try:
        with stop_on_signals():
            write_backup(load_database_settings(), file, _programs())
    except StopRequested:
        sys.exit("koodtx: stopped; no file was written")


@click.command
@data_dir_option
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Drop what is in the database.")
def restore(file: Path, replace: bool) -> None:
    """Restores the database from a file; clients do a full resync.

    FILE was written by `koodtx backup`.
    """
    settings = load_database_settings()
    try:
        with stop_on_signals():
            restore_backup(settings, file, _programs(), replace=replace)
    except StopRequested:
        sys.exit("koodtx: stopped; the database is unchanged")
    try:
        if settings.redis_url:
            # Results are cached by the version of a job, which the restore has set back.
            clear(settings.redis_url)
    except RedisError as error:
        sys.exit(f"koodtx: run `koodtx cache clear` when Redis is available again: {error}")


def _programs() -> Programs:
    """Those of the PostgreSQL of a running `koodtx up` first, if the database is that one."""
    folder = environment().get("KOODTX_POSTGRES_PROGRAMS")
    return Programs(Path(folder) if folder else None)
