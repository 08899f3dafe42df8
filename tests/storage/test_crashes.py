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
from tests.support.aliases import Client, Db
from tests.support.databases import value
from tests.support.files import Changes, Store
from tests.support.processes import StartWorker
from tests.support.readings import START_MS
from tests.support.requests import push, push_body
from tests.support.waiting import wait_until

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


@pytest.mark.faults
def test_an_export_whose_worker_is_killed_is_written_again(
    client: Client, auth_headers: dict[str, str], settings: Settings, start_worker: StartWorker, db: Db
) -> None:
    for number in range(6):
        block = {
            "sensor_type": "accelerometer",
            "timestamps": {"start": START_MS + number * 500_000, "step": 10, "count": 50_000},
            "data": {"x": [n / 7 for n in range(50_000)]},
        }
        push(client, auth_headers, push_body([block], "walk"))
    reply = client.post("/api/v1/exports", json={"session_ids": ["walk"], "format": "json"}, headers=auth_headers)
    url = f"/api/v1/exports/{reply.json()['job_id']}"
    worker = start_worker()
    wait_until(lambda: unfinished(db) == 1, 60, "the beginning of the export")
    worker.kill()
    assert client.get(url, headers=auth_headers).json()["status"] == "running"
    start_worker()
    wait_until(lambda: client.get(url, headers=auth_headers).json()["status"] == "completed", 120, "its end")

    db.execute("update app.stored_objects set created_at = created_at - interval '25 hours'")
    assert clean_up(settings).rows_freed == 1
    result = client.get(url, headers=auth_headers).json()["result"]
    assert asyncio.run(Objects(settings).list()) == [result["key"]]
    direct = client.get("/api/sessions/walk/download?format=json", headers=auth_headers)
    assert len(direct.content) == result["bytes"]
