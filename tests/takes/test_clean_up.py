"""Recordings that no take names are removed, and no others."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from koodtx.database.pool import make_pool
from koodtx.maintenance.run import Options, run_cleanup
from koodtx.maintenance.tasks import CLEANUPS
from koodtx.settings import Settings
from koodtx.storage.objects import Objects
from tests.support.aliases import Client, Db
from tests.support.databases import value
from tests.support.takes import REFERENCE, TAKE, add_line, store_audio, upload
from tests.takes.forms import objects_of

pytestmark = [pytest.mark.integration, pytest.mark.tasks]

CleanUp = Callable[..., int]


@pytest.fixture
def clean_up(settings: Settings) -> CleanUp:
    """Runs the clean-up of files; how many it removed."""

    async def report(_progress: int, _message: str) -> None:
        pass

    async def run(is_dry: bool) -> int:
        async with make_pool(settings) as pool:
            cleanup, options = CLEANUPS["cleanup_uploaded_files"], Options(dry_run=is_dry)
            wait = timedelta(seconds=1)
            done = await run_cleanup(pool, Objects(settings), cleanup, options, report, wait_for_lock=wait)
            return done.rows_freed

    return lambda *, is_dry=False: asyncio.run(run(is_dry))


def age(db: Db, hours: float) -> None:
    db.execute("update app.stored_objects set created_at = clock_timestamp() - make_interval(hours => %s)", [hours])


@pytest.fixture
def orphan(client: Client, auth_headers: dict[str, str], line_id: int, db: Db, settings: Settings) -> str:
    """The key of a recording as a process leaves it that is killed before the take is written; one more has a take."""
    assert upload(client, auth_headers, line_id).status_code == 202
    return store_audio(settings, TAKE, "take")


def test_orphan_is_removed_after_a_day(db: Db, settings: Settings, clean_up: CleanUp, orphan: str) -> None:
    age(db, 23)
    assert clean_up() == 0
    age(db, 25)
    assert clean_up(is_dry=True) == 1

    assert clean_up() == 1

    (kept,) = objects_of(settings)
    assert kept != orphan
    assert kept == value(db, "select audio_key from app.takes")
    assert clean_up() == 0


def test_takes_and_reference_audio_are_kept_however_old(
    db: Db, settings: Settings, clean_up: CleanUp, orphan: str
) -> None:
    age(db, 24 * 4000)
    assert clean_up() == 1
    assert value(db, "select count(*) from app.stored_objects where purpose = 'reference'") == 1


def test_reference_audio_that_was_replaced_is_removed(
    db: Db, settings: Settings, clean_up: CleanUp, line_id: int
) -> None:
    old = value(db, "select audio_key from app.lines")
    db.execute("update app.lines set audio_key = %s", [store_audio(settings, REFERENCE, "reference")])
    age(db, 25)

    assert clean_up() == 1

    assert value(db, "select count(*) from app.stored_objects where key = %s", old) == 0
    assert value(db, "select audio_key from app.lines") == value(db, "select key from app.stored_objects")


def test_recording_that_was_not_written_completely_is_removed(db: Db, settings: Settings, clean_up: CleanUp) -> None:
    add_line(db)
    db.execute(
        "insert into app.stored_objects (key, purpose, file_name, media_type)"
        " values ('take/00000000000000000000000000000001', 'take', 'a.wav', 'audio/wav')"
    )
    age(db, 25)
    assert clean_up() == 1


def test_recordings_of_a_user_who_is_gone_are_removed(
    db: Db, settings: Settings, clean_up: CleanUp, orphan: str
) -> None:
    age(db, 25)
    db.execute("update app.stored_objects set user_id = null")
    for table in ("jobs", "takes", "change_sequences", "logins", "devices", "users"):
        db.execute(f"delete from app.{table}".encode())

    assert clean_up() == 2
    assert objects_of(settings) == set()
