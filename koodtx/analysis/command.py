"""`koodtx cache clear`"""

import rich_click as click

from koodtx.analysis.cache import clear as clear_cache
from koodtx.command_line import data_dir_option, load_settings


@click.group
@data_dir_option
def cache() -> None:
    """Clears the cache of results."""


@cache.command
@data_dir_option
def clear() -> None:
    """Deletes all cached replies."""
    print(f"{clear_cache(load_settings().redis_url)} dropped")
