"""Files that are not a complete backup are rejected before anything is changed."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from koodtx.backup.errors import BackupError
from koodtx.backup.programs import connection_arguments
from tests.support.aliases import BackUp, Db, Restore, Wreck
from tests.support.databases import databases, rows

pytestmark = [pytest.mark.integration]


@pytest.fixture
def bulky(recording_session: Any, db: Db) -> None:
    """Readings that take most of the file, which else holds little but names."""
    db.execute(
        "insert into app.sensor_data (recording_id, sensor_type_id, recorded_at, x)"
        " select 1, 1, '2025-10-10'::timestamptz + index * interval '1 second', random()"
        " from generate_series(1, 40000) as index"
    )


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (lambda whole: b"-- PostgreSQL database dump\n", "is not a file of `koodtx backup`"),
        (lambda whole: b"", "is not a file of `koodtx backup`"),
        (lambda whole: whole[:200], "cannot be read"),
        (lambda whole: whole[: len(whole) * 9 // 10], "is incomplete or damaged"),
        (lambda whole: whole[:-1], "is incomplete or damaged"),
        (lambda whole: flipped(whole, len(whole) * 3 // 4), "is incomplete or damaged"),
    ],
    ids=["text", "empty", "head only", "cut", "last byte missing", "a byte changed"],
)
def test_restore_refuses_a_damaged_file(
    damage: Callable[[bytes], bytes],
    complaint: str,
    bulky: None,
    database_url: str,
    server: str,
    back_up: BackUp,
    put_back: Restore,
    file: Path,
) -> None:
    back_up()
    file.write_bytes(damage(file.read_bytes()))
    before = rows(database_url)
    with pytest.raises(BackupError, match=complaint) as raised:
        put_back(replace=True)
    assert "\n" not in str(raised.value)
    assert rows(database_url) == before
    assert databases(server) == set()


def flipped(whole: bytes, place: int) -> bytes:
    return whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :]


def test_restore_refuses_a_missing_file(put_back: Restore, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="No such file or directory"):
        put_back(path=tmp_path / "nothing")


def test_restore_refuses_a_dump_of_another_database(
    server: str, wreck: Wreck, db: Db, database_url: str, put_back: Restore, file: Path, pg_restore: Path
) -> None:
    db.close()
    wreck()
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("create table films (title text)")
    database, env = connection_arguments(database_url)
    command = [pg_restore.with_name("pg_dump"), "-Fc", "-f", file, "-d", database]
    subprocess.run(command, env=env, check=True, capture_output=True)
    with pytest.raises(BackupError, match="is a dump of another database"):
        put_back(replace=True)
