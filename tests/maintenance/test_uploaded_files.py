"""cleanup_uploaded_files: old exports and uploads go, takes and reference audio stay."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from koodtx.database.pool import make_pool
from koodtx.jobs.attempt import SliceEnded
from koodtx.maintenance.run import ConfirmationNeeded
from koodtx.settings import Settings
from koodtx.storage.files import NewFile, store_file
from koodtx.storage.objects import Objects
from tests.support.aliases import Db, RunTask
from tests.support.clock import Clock
from tests.support.databases import value
from tests.support.settings import make_settings

pytestmark = [pytest.mark.integration, pytest.mark.tasks]

_TASK = "cleanup_uploaded_files"
PURPOSES = ("export", "upload", "take", "reference")
SIZE = 1000


@pytest.fixture
def settings(database_url: str, redis_url: str, tmp_path: Path) -> Settings:
    return make_settings(database_url, redis_url=redis_url, storage_url=(tmp_path / "objects").as_uri())


@pytest.fixture
def files(settings: Settings, db: Db) -> dict[tuple[str, int], str]:
    """The key of a file of each purpose and age in days."""

    async def body() -> AsyncIterator[bytes]:
        yield bytes(SIZE)

    async def main() -> dict[tuple[str, int], str]:
        keys = {}
        async with make_pool(settings) as pool:
            for purpose in PURPOSES:
                for age in (0, 3, 6, 8, 400):
                    file = NewFile(purpose=purpose, user_id=None, file_name="a", media_type="a/b")  # type: ignore[arg-type]
                    stored = await store_file(pool, Objects(settings), file, body())
                    keys[purpose, age] = stored.key
        return keys

    keys = asyncio.run(main())
    for (_, age), key in keys.items():
        db.execute(
            "update app.stored_objects set created_at = created_at - make_interval(days => %s) where key = %s",
            [age, key],
        )
    # Those that no row names would be removed: tests/takes/test_clean_up.py.
    db.execute(
        "with script as (insert into app.scripts (title, language) values ('a', 'en') returning id)"
        " insert into app.lines (script_id, line_no, text, audio_key, audio_duration_s, audio_sample_rate_hz)"
        " select script.id, row_number() over (), 'a', o.key, 1, 8000 from script, app.stored_objects as o"
        " where o.purpose in ('take', 'reference')"
    )
    return keys


def stored(settings: Settings, db: Db) -> set[str]:
    """The keys of all files, which the store and the database agree about."""
    listed = set(asyncio.run(Objects(settings).list()))
    assert listed == {row[0] for row in db.execute("select key from app.stored_objects").fetchall()}
    return listed


def younger(files: dict[tuple[str, int], str], days: int) -> set[str]:
    """What a clean-up must keep."""
    return {key for (purpose, age), key in files.items() if age < days or purpose in ("take", "reference")}


def test_old_exports_and_uploads_go_and_a_dry_run_reports_the_same(
    settings: Settings, db: Db, run_task: RunTask, files: dict[tuple[str, int], str]
) -> None:
    foreseen = run_task(_TASK, dry_run=True)
    assert len(stored(settings, db)) == 20

    did = run_task(_TASK)

    assert (foreseen.rows_freed, foreseen.bytes_freed) == (did.rows_freed, did.bytes_freed) == (4, 4 * SIZE)
    assert stored(settings, db) == younger(files, 7)
    assert run_task(_TASK).rows_freed == 0


def test_fewer_days_need_a_confirmation(
    settings: Settings, db: Db, run_task: RunTask, files: dict[tuple[str, int], str]
) -> None:
    with pytest.raises(ConfirmationNeeded, match="younger than 7 days"):
        run_task(_TASK, days=2)
    assert len(stored(settings, db)) == 20

    assert run_task(_TASK, days=2, confirm=True).rows_freed == 8
    assert stored(settings, db) == younger(files, 2)


def test_time_makes_more_of_them_old(
    settings: Settings, db: Db, run_task: RunTask, clock: Clock, files: dict[tuple[str, int], str]
) -> None:
    run_task(_TASK)
    clock.move(2)

    assert run_task(_TASK).rows_freed == 2
    assert stored(settings, db) == younger(files, 5)


def test_a_run_that_made_way_is_resumed(
    settings: Settings, db: Db, run_task: RunTask, files: dict[tuple[str, int], str]
) -> None:
    job_id = "00000000-0000-4000-8000-000000000001"
    with pytest.raises(SliceEnded):
        run_task(_TASK, job_id=job_id, stop=SliceEnded())
    assert len(stored(settings, db)) == 19

    run = run_task(_TASK, job_id=job_id)

    assert (run.status, run.rows_freed, run.bytes_freed) == ("completed", 4, 4 * SIZE)
    assert stored(settings, db) == younger(files, 7)


def test_a_file_that_is_gone_already_is_forgotten(
    settings: Settings, db: Db, run_task: RunTask, files: dict[tuple[str, int], str]
) -> None:
    """As after a kill between the store and the database."""
    asyncio.run(Objects(settings).delete(files["export", 8]))

    assert run_task(_TASK).rows_freed == 4
    assert stored(settings, db) == younger(files, 7)


def test_files_of_users_who_are_gone_are_still_known(
    settings: Settings, db: Db, run_task: RunTask, files: dict[tuple[str, int], str], user: object
) -> None:
    db.execute("update app.stored_objects set user_id = (select min(id) from app.users)")
    for table in ("change_sequences", "logins", "devices", "users"):
        db.execute(f"delete from app.{table}")
    assert value(db, "select count(user_id) from app.stored_objects") == 0
    assert run_task(_TASK).rows_freed == 4
    assert stored(settings, db) == younger(files, 7)


def test_the_report_and_the_schedules_have_it(db: Db, files: dict[tuple[str, int], str]) -> None:
    effects = "select days, task, is_applied, row_count, byte_count from app.retention_effects() where name = %s"
    assert db.execute(effects, ["uploaded-files"]).fetchone() == (7, _TASK, True, 4, 4 * SIZE)
    db.execute("select app.init_schedules('UTC', true)")
    assert value(db, "select frequency from app.schedules where task = 'cleanup_uploaded_files'") == "daily"
