"""`koodtx backup` and `koodtx restore` as commands."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from koodtx.processes.addresses import free_port
from koodtx.settings import Settings
from tests.support.aliases import Wreck
from tests.support.databases import rows
from tests.support.private_servers import make_data_dir
from tests.support.processes import environment
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.integration]


def koodtx(env: dict[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "koodtx", *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)


def test_commands_save_and_bring_back(
    settings: Settings, recording_session: Any, database_url: str, wreck: Wreck, file: Path
) -> None:
    env = environment(settings)
    before = rows(database_url)
    with Redis.from_url(settings.redis_url) as redis:
        redis.set("koodtx:cache:result:1:1", "a body")
        saved = koodtx(env, "backup", str(file))
        wreck()
        restored = koodtx(env, "restore", str(file))
        assert [key for key in redis.scan_iter() if b"cache:result" in key] == []
    assert (saved.returncode, saved.stderr) == (0, "")
    assert (restored.returncode, restored.stderr) == (0, "")
    assert "complete" in saved.stdout
    assert "clients do a full resync" in restored.stdout
    assert rows(database_url) == before


def test_restore_without_redis_says_what_is_left_to_do(settings: Settings, database_url: str, file: Path) -> None:
    env = environment(settings) | {"KOODTX_REDIS_URL": f"redis://127.0.0.1:{free_port()}"}
    koodtx(env, "backup", str(file))
    before = rows(database_url)
    restored = koodtx(env, "restore", str(file), "--replace")
    assert restored.returncode == 1
    assert restored.stderr.startswith("koodtx: run `koodtx cache clear` when Redis is available again")
    assert rows(database_url) == before


def test_the_migration_url_alone_is_enough(
    settings: Settings, recording_session: Any, file: Path, wreck: Wreck
) -> None:
    """As the page on backups restores into a scratch database."""
    env = {name: value for name, value in environment(settings).items() if not name.startswith("KOODTX_")}
    env["KOODTX_MIGRATION_DATABASE_URL"] = settings.migration_database_url
    before = rows(settings.migration_database_url)
    saved = koodtx(env, "backup", str(file))
    assert (saved.returncode, saved.stderr) == (0, "")
    wreck()
    restored = koodtx(env, "restore", str(file))
    assert (restored.returncode, restored.stderr) == (0, "")
    assert rows(settings.migration_database_url) == before
    assert koodtx(env, "migrate").stdout == "nothing to do\n"


def test_without_any_url_the_setting_is_named(settings: Settings, file: Path) -> None:
    env = {name: value for name, value in environment(settings).items() if not name.startswith("KOODTX_")}
    refused = koodtx(env, "backup", str(file))
    assert refused.returncode == 2
    assert "KOODTX_DATABASE_URL" in refused.stderr


def test_errors_are_one_line_and_exit_2(settings: Settings, recording_session: Any, file: Path) -> None:
    env = environment(settings)
    assert koodtx(env, "backup", str(file)).returncode == 0
    text = file.with_name("text.sql")
    text.write_text("-- PostgreSQL database dump\n")
    refused = [
        koodtx(env, "backup", str(file)),
        koodtx(env, "restore", str(file)),
        koodtx(env, "restore", str(text), "--replace"),
        koodtx(env, "restore", str(file.with_name("nothing"))),
    ]
    assert [done.returncode for done in refused] == [2] * 4
    for done, words in zip(
        refused, ["exists: choose", "is not empty", "is not a file of `koodtx backup`", "cannot be read"], strict=True
    ):
        assert done.stderr.startswith("koodtx: ")
        assert words in done.stderr
        assert done.stderr.count("\n") == 1


@contextmanager
def running_up() -> Iterator[tuple[Path, str]]:
    """`koodtx up` with its own servers: its data folder and URL."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("KOODTX_")}
    kind = {name: os.environ[name] for name in ("KOODTX_POSTGRES_KIND",) if name in os.environ}
    with tempfile.TemporaryDirectory(prefix="koodtx-tests-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        port = free_port()
        data_dir = make_data_dir(folder)
        argv = [sys.executable, "-m", "koodtx", "up", "--port", str(port), "--data-dir", str(data_dir)]
        log = folder / "out"
        with log.open("wb") as output, subprocess.Popen(argv, env=env | kind, stdout=output, stderr=output) as up:
            try:
                wait_until(lambda: "Ctrl-C" in log.read_text() or up.poll() is not None, 90)
                assert up.poll() is None, log.read_text()
                yield data_dir, f"http://127.0.0.1:{port}"
            finally:
                up.send_signal(signal.SIGTERM)


def post(url: str, body: Any, token: str | None = None) -> Any:
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    with urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode(), headers)) as reply:
        return json.load(reply)


@pytest.mark.long
def test_database_of_koodtx_up_is_saved_and_restored_while_it_runs(file: Path, gps_sensor_data: Any) -> None:
    env = {name: value for name, value in os.environ.items() if not name.startswith("KOODTX_")}
    account = {"username": "mina", "email": "mina@example.org", "password": "correct horse battery staple"}
    with running_up() as (data, url):
        token = post(f"{url}/api/auth/register", account)["access_token"]
        session = {"session_id": "walk", "start_time": "2025-10-09T08:53:20Z"}
        post(f"{url}/api/sync/push", {"session": session, "sensor_data": gps_sensor_data}, token)
        before = post(f"{url}/api/sync/pull", {}, token)["sessions"]
        saved = koodtx(env, "backup", str(file), "--data-dir", str(data))
        post(f"{url}/api/sync/push", {"session": session | {"session_id": "later"}, "sensor_data": []}, token)
        restored = koodtx(env, "restore", str(file), "--replace", "--data-dir", str(data))
        assert (saved.returncode, restored.returncode) == (0, 0), saved.stderr + restored.stderr
        assert post(f"{url}/api/sync/pull", {}, token)["sessions"] == before
