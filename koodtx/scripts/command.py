"""`koodtx scripts import`"""

import asyncio
from pathlib import Path

import msgspec
import psycopg
import rich_click as click
from psycopg_pool import PoolTimeout

from koodtx.command_line import data_dir_option, load_settings
from koodtx.database.pool import make_pool
from koodtx.database.query import translated
from koodtx.scripts.import_file import ScriptToImport, read_file
from koodtx.scripts.import_script import Imported, import_script
from koodtx.settings import Settings
from koodtx.storage.objects import Objects


@click.group
@data_dir_option
def scripts() -> None:
    """Imports scripts, their lines and reference audio."""


@scripts.command("import")
@data_dir_option
@click.argument("path", type=click.Path(path_type=Path), metavar="FOLDER|JSON")
def import_path(path: Path) -> None:
    """Imports the scripts of a JSON file, or of a folder with a script.json and audio files: docs/practice.md.

    The same again is an update. Each script is imported whole or not at all.
    """
    settings = load_settings()
    import_scripts(settings, read_file(path))


def import_scripts(settings: Settings, given: list[ScriptToImport]) -> None:
    """Prints a line per script. Raises ScriptInUse, ScriptChanged, StorageUnavailable, DatabaseUnavailable."""
    asyncio.run(_import(settings, given))


async def _import(settings: Settings, given: list[ScriptToImport]) -> None:
    objects = Objects(settings)
    try:
        async with make_pool(msgspec.structs.replace(settings, pool_min=1)) as pool:
            for one in given:
                print(_in_words(await import_script(pool, objects, one)))
    except (psycopg.Error, PoolTimeout) as error:
        raise translated(error) or error from error


def _in_words(imported: Imported) -> str:
    if not imported.is_changed:
        return f"{imported.source_id}: as it was"
    return f"{imported.source_id}: {imported.line_count} lines, {imported.new_audio_count} new audio files"
