"""A download is one state of the database, and what it holds is free when it ends, however it ends."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing

import httpx
import psycopg
import pytest

from koodtx.database.query import Connection
from koodtx.exports import store
from koodtx.exports.messages import SESSION_FORMATS, SessionFormat
from koodtx.exports.write import write
from koodtx.settings import Settings
from tests.exports.conftest import LONG, csv_readings
from tests.exports.slow import LIMITS, begin, long_push, open_snapshots
from tests.faults.raw_http import reset
from tests.support.aliases import Client, CreateSession, Db
from tests.support.readings import reading
from tests.support.requests import push, push_body, register
from tests.support.serving import serving
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.api, pytest.mark.integration]


@asynccontextmanager
async def snapshot_of(url: str) -> AsyncIterator[Connection]:
    connection = await psycopg.AsyncConnection.connect(url, autocommit=True)
    async with connection, store.snapshot(connection, 60):
        yield connection


@pytest.mark.parametrize("file_format", SESSION_FORMATS)
def test_what_is_pushed_meanwhile_is_not_in_the_file(
    client: Client, auth_headers: dict[str, str], settings: Settings, db: Db, file_format: SessionFormat
) -> None:
    push(client, auth_headers, long_push())
    expected = client.get(f"/api/sessions/walk/download?format={file_format}", headers=auth_headers).content

    async def main() -> bytes:
        async with snapshot_of(settings.database_url) as connection:
            session = await store.find_session(connection, _user_id(db), "walk")
            assert session is not None
            await asyncio.to_thread(push, client, auth_headers, long_push(start_ms=LONG * 10))
            await asyncio.to_thread(push, client, auth_headers, push_body([reading(0, "z", x=1)], "walk"))
            return b"".join([piece async for piece in write(connection, [session], file_format)])

    assert asyncio.run(main()) == expected


def test_sessions_together_are_all_in_one_file(
    client: Client, auth_headers: dict[str, str], settings: Settings, db: Db, create_session: CreateSession
) -> None:
    """As a job writes them."""
    for session_id in ("walk", "WALK", "산책"):
        create_session([reading(0, x=1.5), reading(0, "heart", bpm=60)], session_id=session_id)

    async def main() -> bytes:
        async with snapshot_of(settings.database_url) as connection:
            found = [await store.find_session(connection, _user_id(db), name) for name in ("walk", "WALK", "산책")]
            sessions = [session for session in found if session is not None]
            return b"".join([piece async for piece in write(connection, sessions, "csv")])

    content = asyncio.run(main())

    assert len(csv_readings(content)) == 6
    assert [line.split(",")[0] for line in content.decode().splitlines()[1:]] == ["walk"] * 2 + ["WALK"] * 2 + [
        "산책"
    ] * 2


class TestOverTheWire:
    @pytest.fixture
    def service(self, settings: Settings) -> Iterator[httpx.Client]:
        with serving(settings, LIMITS) as client:
            yield client

    @pytest.fixture
    def headers(self, service: httpx.Client) -> dict[str, str]:
        """Of a user with a session of several megabytes, more than a connection holds unread."""
        headers: dict[str, str] = register(service)["headers"]
        for number in range(4):
            push(service, headers, long_push(start_ms=number * LONG * 10))
        return headers

    def test_who_does_not_read_leaves_connections_to_pushes_and_frees_his_own(
        self, service: httpx.Client, headers: dict[str, str], db: Db
    ) -> None:
        with closing(begin(service, headers)) as first, closing(begin(service, headers)) as second:
            wait_until(lambda: open_snapshots(db) == 2, 10, "two downloads")

            refused = service.get("/api/sessions/walk/download?format=csv", headers=headers)
            started = time.monotonic()
            for number in range(5):
                assert push(service, headers, push_body([reading(number)], "other"))["inserted"] == 1

            assert refused.status_code == 429
            assert "2 downloads of all users" in refused.json()["detail"]
            assert int(refused.headers["retry-after"]) >= 1
            assert time.monotonic() - started < 5
            assert open_snapshots(db) == 2
            reset(first)
            second.close()
            wait_until(lambda: open_snapshots(db) == 0, 10, "the end of both")
        assert service.get("/api/sessions/walk/download?format=zip", headers=headers).status_code == 200
        wait_until(lambda: open_snapshots(db) == 0, 10, "the end of the whole download")

    def test_a_connection_that_is_cut_resumes(self, service: httpx.Client, headers: dict[str, str]) -> None:
        url = "/api/sessions/walk/download?format=csv"
        whole = service.get(url, headers=headers).content
        received = bytearray()
        with service.stream("GET", url, headers=headers) as reply:
            etag = reply.headers["etag"]
            for piece in reply.iter_raw():
                received += piece
                if len(received) > len(whole) // 2:
                    break

        rest = service.get(url, headers=headers | {"Range": f"bytes={len(received)}-", "If-Range": etag})

        assert rest.status_code == 206
        assert bytes(received) + rest.content == whole


def _user_id(db: Db) -> int:
    row = db.execute("select id from app.users").fetchone()
    assert row is not None
    return int(row[0])
