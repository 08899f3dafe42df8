"""A private PostgreSQL: started, stopped, killed, and misconfigured."""

import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from koodtx.embedded.choose import PostgresBinaries
from koodtx.embedded.errors import EmbeddedError
from koodtx.embedded.postgres import PrivatePostgres
from tests.support.servers import FAST_AND_SMALL, server_folder

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def postgres(binaries: PostgresBinaries) -> Iterator[PrivatePostgres]:
    """One server for all tests that keep it running."""
    with server_folder() as folder, PrivatePostgres(binaries, folder / "postgres", settings=FAST_AND_SMALL) as server:
        yield server


def scalar(postgres: PrivatePostgres, query: str) -> object:
    with psycopg.connect(postgres.conninfo(), autocommit=True) as connection:
        row = connection.execute(query.encode()).fetchone()
        return row[0] if row else None


def kill(postgres: PrivatePostgres) -> None:
    assert postgres.process is not None
    postgres.process.kill()
    postgres.process.wait()


def test_stopped_or_killed_it_starts_on_its_port_and_nothing_is_lost(
    binaries: PostgresBinaries, postgres: PrivatePostgres
) -> None:
    port = postgres.port
    with psycopg.connect(postgres.conninfo(), autocommit=True) as connection:
        connection.execute("create table kept as select 1 as n")
        if binaries.has_timescaledb:
            connection.execute("create extension timescaledb")
    first = postgres.process
    postgres.stop()
    assert first is not None
    assert first.poll() == 0
    postgres.start()
    kill(postgres)
    postgres.start()
    # Killed and not waited for: the process is a zombie.
    assert postgres.process is not None
    postgres.process.kill()
    postgres.start()
    assert postgres.port == port
    assert scalar(postgres, "select n from kept") == 1


def test_it_has_the_settings_that_koodtx_needs(postgres: PrivatePostgres) -> None:
    with psycopg.connect(postgres.conninfo()) as connection:
        shown = dict(connection.execute("select name, setting from pg_settings").fetchall())
        encoding = connection.execute("select getdatabaseencoding()").fetchone()
    wanted = {
        "max_locks_per_transaction": "256",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "data_checksums": "on",
        "jit": "off",
        "fsync": FAST_AND_SMALL["fsync"],
        "max_connections": FAST_AND_SMALL["max_connections"],
        "TimeZone": "UTC",
        "unix_socket_directories": "",
        "listen_addresses": "127.0.0.1",
    }
    assert shown | wanted == shown
    assert encoding == ("UTF8",)


def test_others_cannot_use_it(postgres: PrivatePostgres) -> None:
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(postgres.conninfo(password="wrong"))
    assert (postgres.data_dir / "password").stat().st_mode & 0o777 == 0o600
    assert postgres.data_dir.stat().st_mode & 0o777 == 0o700
    assert postgres.process is not None
    if sys.platform == "linux":
        assert Path(f"/proc/{postgres.process.pid}").stat().st_uid != 0


def test_killed_with_a_busy_backend_it_starts_again(postgres: PrivatePostgres) -> None:
    """The backend outlives the server and holds its memory until it is ended."""
    busy = threading.Thread(target=_count_for_long, args=[postgres.conninfo()])
    busy.start()
    while not scalar(postgres, "select 1 from pg_stat_activity where query like 'select count%'"):
        time.sleep(0.02)
    kill(postgres)
    postgres.start()
    assert scalar(postgres, "select 1") == 1
    busy.join()


def _count_for_long(conninfo: str) -> None:
    with suppress(psycopg.Error), psycopg.connect(conninfo) as connection:
        connection.execute("select count(*) from generate_series(1, 30000000) a, generate_series(1, 1000) b")


def test_pid_file_that_names_another_program_is_ignored(postgres: PrivatePostgres) -> None:
    """After a restart of the machine the number in it may belong to anything."""
    process_file = postgres.data_dir / "data/postmaster.pid"
    lines = process_file.read_text().splitlines()
    kill(postgres)
    with subprocess.Popen(["sleep", "60"]) as other:
        process_file.write_text("\n".join([str(other.pid), *lines[1:]]) + "\n")
        postgres.start()
        assert other.poll() is None
        other.kill()


def test_folder_is_used_by_one_server_only(binaries: PostgresBinaries, postgres: PrivatePostgres) -> None:
    second = PrivatePostgres(binaries, postgres.data_dir, settings=FAST_AND_SMALL)
    with pytest.raises(EmbeddedError, match="Another process runs"):
        second.start()
    second.stop()
    assert scalar(postgres, "select 1") == 1


def test_two_at_once_and_the_death_of_a_parent(
    binaries: PostgresBinaries, postgres: PrivatePostgres, folder: Path
) -> None:
    if sys.platform != "linux":
        pytest.skip("only Linux signals children when their parent dies")
    program = f"""
import os, signal
from pathlib import Path
import psycopg
from koodtx.embedded.choose import find_postgres
from koodtx.embedded.postgres import PrivatePostgres
postgres = PrivatePostgres(find_postgres({binaries.kind!r}, print), Path({str(folder / "postgres")!r}),
    settings={{"fsync": "off"}})
postgres.start()
psycopg.connect(postgres.conninfo(), autocommit=True).execute("create table kept as select 1 as n")
print(postgres.port, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    parent = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert parent.returncode == -signal.SIGKILL, parent.stderr
    assert int(parent.stdout) != postgres.port
    # The next one waits for the shutdown of the previous one, then uses its data.
    with PrivatePostgres(binaries, folder / "postgres", settings=FAST_AND_SMALL) as successor:
        assert scalar(successor, "select n from kept") == 1
        assert successor.port == int(parent.stdout) or not _listens(int(parent.stdout))


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_failed_start_reports_why(binaries: PostgresBinaries, folder: Path) -> None:
    broken = PrivatePostgres(binaries, folder / "postgres", settings={**FAST_AND_SMALL, "work_mem": "much"})
    with pytest.raises(EmbeddedError, match="work_mem"):
        broken.start()
    broken.stop()
    (broken.data_dir / "data/PG_VERSION").write_text("12\n")
    with pytest.raises(EmbeddedError, match=r"made by PostgreSQL 12.*--postgres"):
        broken.start()
    broken.stop()
