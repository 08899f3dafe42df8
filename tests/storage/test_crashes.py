"""A process that is killed while it writes a file leaves nothing that the clean-up does not remove."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from koodtx.database.pool import make_pool
from koodtx.maintenance.messages import Run
from koodtx.maintenance.run import Options
from koodtx.maintenance.tasks import run_now
from koodtx.settings import Settings
from koodtx.storage.errors import ObjectGone
from koodtx.storage.files import NewFile, store_file
from koodtx.storage.objects import Objects
from tests.support.aliases import Db
from tests.support.databases import value
from tests.support.files import Changes, Store

pytestmark = [pytest.mark.integration, pytest.mark.tasks]

# Writes 20 MB, says so, and goes on writing; or ends between the store and the database.
WRITER = """
import asyncio, os, sys
from koodtx.database.pool import make_pool
from koodtx.storage import files
from koodtx.storage.objects import Objects
from koodtx.settings import load

is_stored = sys.argv[1] == "stored"

async def body():
    for _ in range(20):
        yield bytes(1024 * 1024)
    if is_stored:
        return
    print("written", flush=True)
    await asyncio.sleep(600)

async def die(*_):
    print("written", flush=True)
    await asyncio.sleep(600)

async def main():
    settings = load(env_file=None)
    if is_stored:
        files.store.finish_object = die
    async with make_pool(settings) as pool:
        file = files.NewFile(purpose="export", user_id=None, file_name="a.csv", media_type="text/csv")
        await files.store_file(pool, Objects(settings), file, body())

asyncio.run(main())
"""


def clean_up(settings: Settings, days: int | None = None) -> Run:
    async def report(progress: int, message: str) -> None:
        pass

    async def main() -> Run:
        async with make_pool(settings) as pool:
            options = Options(days=days)
            wait = timedelta(seconds=5)
            return await run_now(pool, Objects(settings), "cleanup_uploaded_files", options, report, wait_for_lock=wait)

    return asyncio.run(main())


def killed_writer(settings: Settings, storage_settings: Changes, point: str) -> None:
    environment = {
        "KOODTX_DATABASE_URL": settings.database_url,
        "KOODTX_SECRET_KEY": settings.secret_key,
        "PATH": "/usr/bin:/bin",
        **{f"KOODTX_{name.upper()}": str(setting) for name, setting in storage_settings.items()},
    }
    process = subprocess.Popen([sys.executable, "-c", WRITER, point], env=environment, stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == b"written\n"
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait(30)
        process.stdout.close()


def unfinished(db: Db) -> int:
    count: int = value(db, "select count(*) from app.stored_objects where stored_at is null")
    return count


def files_in(folder: Path) -> int:
    """0 with storage in S3."""
    return sum(path.is_file() for path in folder.rglob("*"))


@pytest.mark.parametrize("point", ["writing", "stored"])
def test_what_a_killed_process_left_is_removed_after_a_day(
    settings: Settings, storage_settings: Changes, store: Store, db: Db, tmp_path: Path, point: str
) -> None:
    kept = asyncio.run(store(b"kept"))
    killed_writer(settings, storage_settings, point)
    assert unfinished(db) == 1
    # The folder shows what is left of a file that was not finished.
    assert files_in(tmp_path / "objects") in (0, 2)

    assert clean_up(settings).rows_freed == 0
    assert unfinished(db) == 1
    db.execute("update app.stored_objects set created_at = created_at - interval '25 hours'")
    assert clean_up(settings).rows_freed == 1
    assert (unfinished(db), asyncio.run(Objects(settings).list())) == (0, [kept.key])
    assert files_in(tmp_path / "objects") in (0, 1)


def test_a_file_that_the_clean_up_removed_while_it_was_written_is_not_kept(settings: Settings, db: Db) -> None:
    """After a day nobody waits for it: it is removed when it is whole, so that none is without its row."""

    async def body() -> AsyncIterator[bytes]:
        yield b"a"
        db.execute("delete from app.stored_objects")
        yield b"b"

    async def main() -> None:
        file = NewFile(purpose="upload", user_id=None, file_name="a", media_type="a/b")
        async with make_pool(settings) as pool:
            with pytest.raises(ObjectGone):
                await store_file(pool, Objects(settings), file, body())
            assert await Objects(settings).list() == []

    asyncio.run(main())
