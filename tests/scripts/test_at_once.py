"""The catalogue is written while takes are uploaded, and by two at once."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from koodtx.settings import Settings
from tests.support.aliases import Call, Client, Db
from tests.support.commands import run_command
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.api, pytest.mark.integration]


@pytest.fixture
def other(database_url: str) -> Iterator[psycopg.Connection[Any]]:
    """A transaction of somebody else, open until the test commits it."""
    with psycopg.connect(database_url) as connection:
        yield connection


def wait_for_lock(db: Db) -> None:
    query = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    wait_until(lambda: db.execute(query).fetchone() == (1,), 20)


def insert_take(connection: psycopg.Connection[Any], token_id: int) -> None:
    key = f"take/{uuid4().hex}"
    connection.execute(
        "insert into app.stored_objects (key, purpose, file_name, media_type, stored_at, byte_count)"
        " values (%s, 'take', 'take.wav', 'audio/wav', now(), 1)", [key],
    )  # fmt: skip
    connection.execute(
        "insert into app.takes (job_id, user_id, line_id, audio_key, duration_s, sample_rate_hz, give_up_at)"
        " select %s, min(id), %s, %s, 1.5, 8000, now() from app.users", [uuid4(), token_id, key],
    )  # fmt: skip


@pytest.mark.parametrize("change", ["delete the script", "replace its lines"])
def test_a_take_that_comes_meanwhile_keeps_its_line(
    client: Client, admin: dict[str, str], script: Call, other: psycopg.Connection[Any], db: Db, change: str
) -> None:
    made = script("하나", "둘")
    insert_take(other, made["tokens"][1]["token_id"])

    def write() -> Any:
        path = f"/api/admin/scripts/{made['id']}"
        if change == "delete the script":
            return client.delete(path, headers=admin)
        return client.put(f"{path}/tokens", json={"tokens": [{"text": "하나"}]}, headers=admin)

    with ThreadPoolExecutor(1) as threads:
        reply = threads.submit(write)
        wait_for_lock(db)
        other.commit()
        assert reply.result().status_code == 409, reply.result().text
    assert reply.result().json()["detail"].endswith(": 1")
    assert client.get(f"/api/scripts/{made['id']}", headers=admin).json()["tokens"] == made["tokens"]


def test_import_of_a_script_that_is_edited_meanwhile_writes_nothing(
    settings: Settings, client: Client, admin: dict[str, str], script: Call, other: psycopg.Connection[Any], db: Db,
    tmp_path: Path,
) -> None:  # fmt: skip
    made = script("하나", source_id="one")
    file = tmp_path / "one.json"
    lines = [{"text": "둘"}]
    file.write_text(json.dumps({"scripts": [{"source_id": "one", "title": "a", "language": "ko", "lines": lines}]}))
    other.execute("update app.scripts set title = 'edited'")
    other.execute("update app.lines set text = 'edited'")

    with ThreadPoolExecutor(1) as threads:
        done = threads.submit(run_command, settings, "scripts", "import", str(file))
        wait_for_lock(db)
        other.commit()
        assert done.result().returncode == 2
    assert done.result().stderr.startswith("koodtx: one: The script was changed by somebody else meanwhile")
    found = client.get(f"/api/scripts/{made['id']}", headers=admin).json()
    assert (found["title"], found["tokens"][0]["text"]) == ("edited", "edited")
