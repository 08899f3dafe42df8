"""`koodtx migrate`, `koodtx sync-epoch new`"""

import rich_click as click

from koodtx.command_line import data_dir_option, load_database_settings
from koodtx.database.migrate import migrate as run_migrations
from koodtx.database.sync_epoch import renew


@click.command
@data_dir_option
def migrate() -> None:
    """Updates the database to this version."""
    done = run_migrations(load_database_settings())
    if not done.migrations and not done.is_sql_applied:
        print("nothing to do")


@click.group("sync-epoch")
@data_dir_option
def sync_epoch() -> None:
    """Begins a new sync epoch after a copy of the database's files."""


@sync_epoch.command
@data_dir_option
def new() -> None:
    """Begins a new sync epoch: every client does a full resync."""
    print(f"sync epoch {renew(load_database_settings())}")
