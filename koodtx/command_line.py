"""What the commands of several rooms have in common. Imports nothing that takes time."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import rich_click as click

if TYPE_CHECKING:
    from koodtx.settings import Settings

DEFAULT_PORT = 5000
_DATA_DIR = Path(".koodtx")
_META = "koodtx.data_dir"
_DATABASE_URLS = ("KOODTX_DATABASE_URL", "KOODTX_MIGRATION_DATABASE_URL")

Command = TypeVar("Command", bound=Callable[..., Any])


def _remember(context: click.Context, _: click.Parameter, value: Path | None) -> None:
    if value is not None:
        context.meta[_META] = value


# For commands and for their groups, so that it may stand before and after the name of a subcommand.
data_dir_option = click.option(
    "--data-dir",
    type=click.Path(path_type=Path),
    expose_value=False,
    callback=_remember,
    help="Data folder of `koodtx up` (default: .koodtx).",
)


def address_options(host: str) -> Callable[[Command], Command]:
    """--host, --port and --workers of the API."""

    def add(command: Command) -> Command:
        command = click.option("--workers", type=int, default=1, help="API processes (default: 1).")(command)
        command = click.option("--port", type=int, default=DEFAULT_PORT, help=f"default: {DEFAULT_PORT}")(command)
        return click.option("--host", default=host, help=f"Address to listen on (default: {host}).")(command)

    return add


def given_data_dir() -> Path:
    """The data folder that the command names, else .koodtx."""
    context = click.get_current_context()
    assert context is not None
    folder: Path = context.meta.get(_META, _DATA_DIR)
    return folder


def environment() -> dict[str, str]:
    """The environment; what a running `koodtx up` has written to its data folder fills what is not set."""
    from koodtx.settings import read_env_file

    names_database = not os.environ.keys().isdisjoint(_DATABASE_URLS)
    running = {} if names_database else read_env_file(given_data_dir() / "env")
    return running | dict(os.environ)


def load_settings() -> "Settings":
    """The settings of the environment, or of a running `koodtx up`. Raises SettingsError."""
    from koodtx.settings import load

    return load(environment())


def load_database_settings() -> "Settings":
    """The same for a command that uses nothing but the database: KOODTX_MIGRATION_DATABASE_URL alone is enough."""
    from koodtx.settings import load

    return load(environment(), is_for_database=True)
