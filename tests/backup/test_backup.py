"""`koodtx backup`: a complete file, or none."""

import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import psycopg
import pytest
from litestar.testing import TestClient
from psycopg.conninfo import make_conninfo

from koodtx.backup.dump import backup
from koodtx.backup.errors import BackupError
from koodtx.backup.programs import Programs
from koodtx.settings import Settings
from tests.support import requests
from tests.support.aliases import BackUp, Restore, Wreck
from tests.support.processes import environment
from tests.support.readings import START_MS
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.integration]


_READINGS_A_PUSH = 200


def test_backup_is_a_file_for_its_owner_alone(back_up: BackUp, file: Path) -> None:
    said = back_up()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [line.split(": ")[0] for line in said] == [str(file)]
    assert list(file.parent.iterdir()) == [file]


def test_backup_overwrites_nothing(back_up: BackUp, file: Path) -> None:
    file.write_text("another")
    with pytest.raises(BackupError, match="exists: choose another name"):
        back_up()
    assert file.read_text() == "another"


def test_backup_that_fails_leaves_no_file(settings: Settings, database_url: str, back_up: BackUp, file: Path) -> None:
    """A table that the role may not read."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("create table app.closed ()")
    service_only = Settings(database_url=settings.database_url, secret_key=settings.secret_key)
    with pytest.raises(BackupError, match=r"pg_dump failed: .*permission denied"):
        backup(service_only, file, Programs())
    assert list(file.parent.iterdir()) == []


def test_backup_says_what_it_cannot_reach_or_write(settings: Settings, file: Path) -> None:
    nowhere = make_conninfo(settings.database_url, dbname="koodtx_nowhere")
    with pytest.raises(BackupError, match=r"the database cannot be reached: .*koodtx_nowhere"):
        backup(Settings(database_url=nowhere, secret_key=settings.secret_key), file, Programs())
    with pytest.raises(BackupError, match=r"cannot write to .*: No such file"):
        backup(settings, file.parent / "missing" / "file", Programs())


def test_backup_that_is_stopped_leaves_no_file(settings: Settings, database_url: str, file: Path) -> None:
    """It waits for a lock when Ctrl-C comes."""
    with psycopg.connect(database_url) as connection:
        connection.execute("lock table app.users in access exclusive mode")
        process = koodtx(settings, "backup", str(file))
        wait_until(lambda: is_waited_for(connection))
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (1, "koodtx: stopped; no file was written\n")
    assert list(file.parent.iterdir()) == []


def test_pg_dump_ends_with_a_backup_that_is_killed(settings: Settings, database_url: str, file: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("only Linux signals children when their parent dies")
    with psycopg.connect(database_url) as connection:
        connection.execute("lock table app.users in access exclusive mode")
        process = koodtx(settings, "backup", str(file))
        wait_until(lambda: is_waited_for(connection))
        process.kill()
        process.communicate(timeout=30)
        wait_until(lambda: not is_waited_for(connection))
    assert not file.exists()


def test_push_is_in_a_backup_whole_or_not_at_all(
    client: TestClient[Any],
    auth_headers: dict[str, str],
    database_url: str,
    back_up: BackUp,
    wreck: Wreck,
    put_back: Restore,
) -> None:
    """Pushes go on all through the backup."""
    is_over = threading.Event()
    pushed: list[int] = []

    def push_on() -> None:
        while not is_over.is_set():
            pushed.append(push(client, auth_headers, f"session-{len(pushed) % 5}", len(pushed)))

    thread = threading.Thread(target=push_on)
    thread.start()
    wait_until(lambda: len(pushed) > 5)
    back_up()
    at_the_end = len(pushed)
    is_over.set()
    thread.join()
    client.app.state.pool = None
    wreck()
    put_back()

    with psycopg.connect(database_url, autocommit=True) as connection:
        counts = connection.execute(
            """
            select s.data_count, count(d.recording_id),
                (select count(*) from app.pushes as p where p.recording_id = s.id)
            from app.recording_sessions as s left join app.sensor_data as d on d.recording_id = s.id group by s.id
            """
        ).fetchall()
    pushes = sum(number for _, _, number in counts)
    assert 5 < pushes <= at_the_end + 1
    assert all(
        (stored, readings) == (number * _READINGS_A_PUSH, number * _READINGS_A_PUSH)
        for stored, readings, number in counts
    )


def push(client: TestClient[Any], headers: dict[str, str], session_id: str, number: int) -> int:
    first = START_MS + number * _READINGS_A_PUSH
    readings = [
        {"sensor_type": "accelerometer", "timestamp": first + index, "data": {"x": index / 8}}
        for index in range(_READINGS_A_PUSH)
    ]
    body = requests.push_body(readings, session_id, push_id=f"push-{number}")
    assert requests.push(client, headers, body)["inserted"] == _READINGS_A_PUSH
    return number


def koodtx(settings: Settings, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "koodtx", *arguments],
        env=environment(settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def is_waited_for(connection: psycopg.Connection[Any]) -> bool:
    """Whether pg_dump waits for the lock of this connection."""
    query = "select count(*) from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid))"
    return connection.execute(query).fetchone() != (0,)
