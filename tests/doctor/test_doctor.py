"""What `koodtx doctor` finds."""

import socket
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from koodtx.database.migrate import migrate
from koodtx.doctor.check import Check
from koodtx.doctor.command import run_checks, run_doctor
from koodtx.embedded.choose import PostgresBinaries, RedisBinary
from koodtx.embedded.postgres import PrivatePostgres
from koodtx.embedded.redis import PrivateRedis
from koodtx.processes.addresses import free_port
from koodtx.settings import load
from tests.support.servers import FAST_AND_SMALL, server_folder

pytestmark = pytest.mark.integration

SECRET = "0123456789abcdef0123456789abcdef"


@pytest.fixture(scope="module")
def environ(binaries: PostgresBinaries, redis_binary: RedisBinary) -> Iterator[dict[str, str]]:
    """Settings that name two private servers."""
    with (
        server_folder() as folder,
        PrivatePostgres(binaries, folder / "postgres", settings=FAST_AND_SMALL) as postgres,
        PrivateRedis(redis_binary, folder / "redis") as redis,
    ):
        yield {
            "KOODTX_DATABASE_URL": postgres.conninfo(),
            "KOODTX_REDIS_URL": redis.url,
            "KOODTX_SECRET_KEY": SECRET,
        }


def check(environ: dict[str, str], folder: Path, port: int | None = None) -> dict[str, Check]:
    return {item.subject: item for item in run_checks(environ, {}, folder, port or free_port())}


def wrong(found: dict[str, Check]) -> set[str]:
    return {subject for subject, check in found.items() if check.advice}


def test_before_and_after_the_migration(environ: dict[str, str], tmp_path: Path) -> None:
    before = check(environ, tmp_path)
    assert wrong(before) == {"Schema", "Durability"}
    assert before["Durability"].advice.startswith("alter system set fsync = on")
    assert before["Database"].found.startswith("PostgreSQL 1")
    migrate(load(environ, env_file=None), say=lambda _: None)
    after = check(environ, tmp_path)
    assert wrong(after) == {"Durability"}
    assert after["Redis"].found == "answers"
    with psycopg.connect(environ["KOODTX_DATABASE_URL"], autocommit=True) as connection:
        connection.execute("alter database koodtx set synchronous_commit = off")
    assert "synchronous_commit off" in check(environ, tmp_path)["Durability"].found


def test_servers_that_do_not_answer(tmp_path: Path) -> None:
    found = check(
        {
            "KOODTX_DATABASE_URL": "postgresql://koodtx@127.0.0.1:9/koodtx",
            "KOODTX_REDIS_URL": "redis://127.0.0.1:9",
            "KOODTX_SECRET_KEY": SECRET,
        },
        tmp_path,
    )
    assert wrong(found) == {"Database", "Redis"}


def test_settings_that_are_wrong(tmp_path: Path) -> None:
    found = check({"KOODTX_DATABASE_URL": "postgresql://", "KOODTX_SECRET_KEY": "short"}, tmp_path)
    assert wrong(found) == {"Settings"}
    assert "KOODTX_SECRET_KEY" in found["Settings"].found


def test_taken_port(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        found = check({}, tmp_path, server.getsockname()[1])
    assert wrong(found) == {"Port"}


def test_on_a_fresh_machine_all_is_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("KOODTX_DATABASE_URL", "KOODTX_REDIS_URL", "KOODTX_SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    assert run_doctor(tmp_path / ".koodtx", free_port()) == 0
    assert "All is well." in capsys.readouterr().out
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert run_doctor(tmp_path / ".koodtx", server.getsockname()[1]) == 1
    assert "1 problem(s) found." in capsys.readouterr().out
