"""A database that restarts, or is away for a while: the next request works, and the wait after it does not grow."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import psycopg
import pytest

from koodtx.embedded.choose import find_postgres
from koodtx.embedded.postgres import PrivatePostgres
from tests.faults.stack import Stack, running_stack
from tests.support.requests import register_at
from tests.support.servers import server_folder
from tests.support.waiting import wait_until

pytestmark = [
    pytest.mark.faults,
    pytest.mark.integration,
    pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc"),
]

POOL_MAX = 4
AWAY_S = 12


@pytest.fixture(scope="module")
def postgres() -> Iterator[PrivatePostgres]:
    """Outside `koodtx up`, which would start it again at once."""
    binaries = find_postgres(os.environ.get("KOODTX_POSTGRES_KIND"), print)
    with server_folder() as folder, PrivatePostgres(binaries, folder / "postgres") as server:
        yield server


@pytest.fixture(scope="module")
def stack(postgres: PrivatePostgres) -> Iterator[Stack]:
    urls = {"KOODTX_DATABASE_URL": postgres.conninfo(), "KOODTX_MIGRATION_DATABASE_URL": postgres.conninfo()}
    with running_stack(**urls, KOODTX_POOL_MAX=str(POOL_MAX)) as stack:
        yield stack


@pytest.fixture(scope="module")
def headers(stack: Stack) -> dict[str, str]:
    return register_at(stack.url, "mina")


def ask(stack: Stack, headers: dict[str, str]) -> httpx.Response:
    """Anything that needs the database."""
    return httpx.get(f"{stack.url}/api/sync/status", headers=headers, timeout=20)


def ask_at_once(stack: Stack, headers: dict[str, str], requests: int) -> list[int]:
    with ThreadPoolExecutor(requests) as threads:
        return [reply.status_code for reply in threads.map(lambda _: ask(stack, headers), range(requests))]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_restarted_while_nobody_asked_it_goes_unnoticed(
    stack: Stack, postgres: PrivatePostgres, headers: dict[str, str], number: signal.Signals
) -> None:
    assert ask_at_once(stack, headers, 2 * POOL_MAX) == [200] * 2 * POOL_MAX
    assert postgres.process is not None
    postgres.process.send_signal(number)
    postgres.process.wait(20)
    postgres.start()
    assert ask(stack, headers).status_code == 200
    assert ask_at_once(stack, headers, 2 * POOL_MAX) == [200] * 2 * POOL_MAX


def test_connections_ended_while_idle_go_unnoticed(
    stack: Stack, postgres: PrivatePostgres, headers: dict[str, str]
) -> None:
    assert ask_at_once(stack, headers, 2 * POOL_MAX) == [200] * 2 * POOL_MAX
    with psycopg.connect(postgres.conninfo(), autocommit=True) as db:
        ended = db.execute(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = 'koodtx'"
        ).fetchone()
    assert ended is not None
    assert ended[0] > 1
    assert ask_at_once(stack, headers, 2 * POOL_MAX) == [200] * 2 * POOL_MAX


def test_away_for_long_it_is_used_as_soon_as_it_is_back(
    stack: Stack, postgres: PrivatePostgres, headers: dict[str, str]
) -> None:
    """Requests meanwhile are answered 503 in bounded time, and a login is not answered as a wrong password."""
    postgres.stop()
    gone_at = time.monotonic()
    while time.monotonic() - gone_at < AWAY_S:
        reply = ask(stack, headers)
        # The login is cached for three seconds; what is stored cannot be read.
        assert reply.status_code == 503, reply.text
        assert reply.json()["type"] == "urn:koodtx:problem:database-unavailable"
        assert reply.headers["Retry-After"]
        assert httpx.get(f"{stack.url}/health", timeout=10).status_code == 503
    postgres.start()
    assert wait_until(lambda: ask(stack, headers).status_code == 200, 5, "an answer") < 5
    assert stack.is_healthy()
