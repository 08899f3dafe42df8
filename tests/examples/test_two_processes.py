"""Two processes of an app, one in the background, on one store."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from client import Busy, Phone
from client import store as client_store

from koodtx.resources import project_folder
from tests.support.readings import START, START_MS
from tests.support.settings import PASSWORD

pytestmark = [pytest.mark.sync, pytest.mark.integration]

HttpTo = Callable[[str], httpx.Client]

_PUSH = """
import sys, httpx
from client import Phone
phone = Phone(httpx.Client(base_url=sys.argv[1]), sys.argv[2], "phone", batch_size=100)
phone.push()
phone.pull(own=False)
assert not phone.rejected
"""


def start(url: str, store: Path) -> subprocess.Popen[bytes]:
    """A process that pushes all that the store has, and pulls."""
    environment = os.environ | {"PYTHONPATH": str(project_folder("examples"))}
    return subprocess.Popen([sys.executable, "-c", _PUSH, url, str(store)], env=environment)


def has_ended(process: subprocess.Popen[bytes], within_s: float) -> bool:
    with suppress(subprocess.TimeoutExpired):
        process.wait(within_s)
    return process.returncode is not None


@pytest.fixture
def store(service_url: str, tmp_path: Path, http_to: HttpTo) -> Path:
    """Of a phone with 3,000 readings to push."""
    store = tmp_path / "phone.db"
    phone = Phone(http_to(service_url), store, "phone")
    phone.register("mina", "mina@example.org", PASSWORD)
    phone.begin_session("walk", START)
    phone.record_many("walk", [("a", START_MS + at, {"x": at / 4}) for at in range(3000)])
    phone.close()
    return store


def test_they_take_turns(service_url: str, store: Path, database: Any, http_to: HttpTo) -> None:
    processes = [start(service_url, store) for _ in range(2)]
    assert [process.wait(60) for process in processes] == [0, 0]
    with psycopg.connect(database.url) as connection:
        # No batch was made twice, and none was sent twice.
        logged = "select count(*), sum(inserted_count), sum(total_records) from app.sync_logs where sync_type = 'push'"
        assert connection.execute(logged).fetchone() == (30, 3000, 3000)
    phone = Phone(http_to(service_url), store, "phone")
    assert phone._rows("select count(*) from recorded where not is_acknowledged or push_id is not null") == [(0,)]
    assert phone.push() == {}
    assert phone.readings("walk") == [("a", START_MS + at, {"x": at / 4}) for at in range(3000)]
    phone.close()


def test_a_batch_is_taken_over_from_a_process_that_died(
    service_url: str, store: Path, database: Any, http_to: HttpTo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_store, "TURN_WAIT_S", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(30)
        process = start(f"http://127.0.0.1:{silent.getsockname()[1]}", store)
        connection, _ = silent.accept()
        phone = Phone(http_to(service_url), store, "phone", batch_size=100)
        with pytest.raises(Busy):
            phone.push()
        with pytest.raises(Busy):
            phone.pull()
        [(push_id,)] = phone._rows("select push_id from batch")
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        connection.close()
    assert phone.push()["inserted"] == 3000
    phone.close()
    with psycopg.connect(database.url) as connection_:
        ids = [found for (found,) in connection_.execute("select push_id from app.pushes")]
    assert (push_id in ids, len(ids)) == (True, 30)


def test_recording_goes_on_while_another_process_pushes(service_url: str, store: Path, http_to: HttpTo) -> None:
    process = start(service_url, store)
    phone = Phone(http_to(service_url), store, "phone", batch_size=100)
    recorded = 0
    while not has_ended(process, 0.02):
        phone.record("walk", "b", START_MS + recorded, {"x": 1.0})
        recorded += 1
    assert process.returncode == 0
    assert recorded > 0
    phone.push()
    assert phone._call("GET", "/api/sessions/walk")["data_count"] == 3000 + recorded
    phone.close()
