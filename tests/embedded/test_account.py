"""Which user runs the servers, and where their data lie."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from koodtx.embedded import EmbeddedError
from koodtx.embedded.account import can_reach, server_account, settle

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs servers as another user")


@pytest.mark.unit
@as_root
def test_roots_data_stay_where_the_account_can_reach_them(folder: Path) -> None:
    home = settle(folder / "here/postgres")
    assert home.folder == folder / "here/postgres"
    assert home.account == server_account()
    assert home.folder.stat().st_uid != 0
    assert home.folder.stat().st_mode & 0o777 == 0o700
    assert settle(folder / "here/postgres") == home


@pytest.mark.unit
@as_root
def test_roots_data_go_elsewhere_from_a_closed_folder(folder: Path) -> None:
    folder.chmod(0o700)
    home = settle(folder / "postgres")
    try:
        assert home.folder.parent == Path("/var/lib/koodtx")
        assert can_reach(home.folder, home.account)
        assert folder.stat().st_mode & 0o777 == 0o700, "rights of folders that are not ours stay"
        assert settle(folder / "postgres") == home
    finally:
        home.folder.rmdir()


@pytest.mark.unit
@as_root
def test_roots_own_files_are_not_given_away(folder: Path) -> None:
    (folder / "mine").mkdir()
    (folder / "mine/file").touch()
    with pytest.raises(EmbeddedError, match="choose another data folder"):
        settle(folder / "mine")


@pytest.mark.integration
@as_root
def test_everything_runs_as_an_ordinary_user(folder: Path) -> None:
    """PostgreSQL and Redis, in a folder with a long name, kept from other users."""
    account = server_account()
    assert account is not None
    if not can_reach(Path(sys.executable), account):
        pytest.skip("this Python lies in a folder that other users cannot enter")
    os.chown(folder, account.uid, account.gid)
    program = """
import sys
from pathlib import Path
import psycopg
from koodtx.embedded.binaries import find_postgres, find_redis
from koodtx.embedded.postgres import PrivatePostgres
from koodtx.embedded.redis import PrivateRedis
folder = Path(sys.argv[1])
with PrivatePostgres(find_postgres(None, print), folder / "postgres", settings={"fsync": "off"}) as postgres:
    assert postgres.data_dir == folder / "postgres"
    with PrivateRedis(find_redis(print), folder / "redis"):
        with psycopg.connect(postgres.conninfo()) as connection:
            print(connection.execute("select 'answers'").fetchone()[0])
"""
    long = folder / ("a folder with a long name " * 6).strip()
    run = subprocess.run(
        [sys.executable, "-c", program, long],
        user=account.uid,
        group=account.gid,
        extra_groups=[],
        cwd="/",
        env={"HOME": str(folder), "PATH": os.defpath},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.stdout.endswith("answers\n"), run.stderr
    assert (long / "postgres").stat().st_mode & 0o777 == 0o700


@pytest.mark.unit
@as_root
def test_another_users_data_are_refused(folder: Path) -> None:
    settle(folder / "postgres")
    folder.chmod(0o755)
    program = "import sys; from koodtx.embedded.account import settle; settle(__import__('pathlib').Path(sys.argv[1]))"
    if not can_reach(Path(sys.executable), server_account()):
        pytest.skip("this Python lies in a folder that other users cannot enter")
    run = subprocess.run(
        [sys.executable, "-c", program, folder / "postgres"],
        user=12345,
        group=12345,
        extra_groups=[],
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    assert "belongs to another user" in run.stderr
