"""WebSockets from clients that break the rules, against a service of its own: a close code, and nothing in the log."""

import json
import os
import socket
import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.frames import Opcode
from websockets.sync.client import ClientConnection, connect

from koodtx.live import messages
from koodtx.processes.addresses import free_port
from koodtx.settings import Settings
from tests.hostile.corpus import TEXTS
from tests.hostile.surface import NO_JOB
from tests.support.aliases import Db
from tests.support.databases import copy_statement
from tests.support.job_driver import JobDriver
from tests.support.processes import KoodtxProcess
from tests.support.settings import PASSWORD, make_settings
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.integration, pytest.mark.api]

Account = dict[str, Any]

WITHIN_S = 20
# Larger than the server takes in one message.
HUGE = 20_000_000
PORT_SCANNERS_WORDS = b"GET / HTTP/1.1\r\n\r\n"


class Service:
    """A running API, a user with a job that no worker runs, and another user. `log`: all that the API says."""

    def __init__(
        self, settings: Settings, process: KoodtxProcess, port: int, log: Path, db: Db, http: httpx.Client
    ) -> None:
        self.settings = settings
        self.port = port
        self.log = log
        self.db = db
        self.process = process
        self.http = http
        wait_until(self.answers, 60)
        self.owner, self.stranger = self.register("mina"), self.register("stranger")
        body = {"session": {"session_id": "walk", "start_time": "2025-10-09T08:53:20Z"}}
        assert self.http.post("/api/sync/push", json=body, headers=self.owner["headers"]).is_success
        self.job_id = NO_JOB

    def answers(self) -> bool:
        with suppress(httpx.TransportError):
            return self.http.get("/health").is_success
        return False

    def register(self, name: str) -> Account:
        account = {"username": name, "email": f"{name}@example.org", "password": PASSWORD, "device_id": "phone"}
        reply: Account = self.http.post("/api/auth/register", json=account).json()
        return reply | {"headers": {"Authorization": f"Bearer {reply['access_token']}"}}

    def log_in_again(self) -> Account:
        login = {"username": "mina", "password": PASSWORD, "device_id": "another phone"}
        reply: Account = self.http.post("/api/auth/login", json=login).json()
        return reply

    def ask(self) -> str:
        question = {"kind": "calculate_session_metrics", "session_id": "walk"}
        job_id: str = self.http.post("/api/v1/analysis", json=question, headers=self.owner["headers"]).json()["job_id"]
        return job_id

    def url(self, token: str | None = None, job_id: str | None = None) -> str:
        text = quote(self.owner["access_token"] if token is None else token, safe="")
        return f"ws://127.0.0.1:{self.port}/ws/analysis/{job_id or self.job_id}?token={text}"

    def open(self, token: str | None = None, job_id: str | None = None, **options: Any) -> ClientConnection:
        return connect(self.url(token, job_id), open_timeout=WITHIN_S, max_size=None, ping_interval=None, **options)

    def code(self, token: str | None = None, job_id: str | None = None, **options: Any) -> int | None:
        """The close code of a socket that is sent nothing else."""
        with self.open(token, job_id, **options) as client:
            received, code = to_the_end(client)
        assert received == []
        return code

    def serves_others(self) -> bool:
        """A client of the rules is greeted."""
        with self.open() as client:
            greeting: Account = json.loads(client.recv(WITHIN_S))
        return greeting == {"type": "connected", "job_id": self.job_id, "status": "queued", "progress": 0}


def to_the_end(client: ClientConnection) -> tuple[list[Any], int | None]:
    """Messages until the server closes, and its close code."""
    received = []
    try:
        while True:
            received.append(client.recv(WITHIN_S))
    except ConnectionClosed as closed:
        return received, closed.rcvd.code if closed.rcvd else None


@pytest.fixture(scope="module")
def running(
    server: str, template: str, redis_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    name, port, log = f"{template}_sockets", free_port(), tmp_path_factory.mktemp("sockets") / "api.log"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(copy_statement(name, template))
        url = make_conninfo(server, dbname=name)
        settings = make_settings(url, redis_url=redis_server)
        process = KoodtxProcess(settings, log, "serve", "--host", "127.0.0.1", "--port", str(port), "--workers", "1")
        try:
            with (
                psycopg.connect(url, autocommit=True) as db,
                httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as http,
            ):
                yield Service(settings, process, port, log, db, http)
        finally:
            process.stop()
            connection.execute(f"drop database {name} with (force)")


@pytest.fixture
def service(running: Service) -> Iterator[Service]:
    """With a job of its own. The test fails when the API does not serve others, or logged a fault."""
    running.db.execute("delete from app.jobs")
    running.job_id = running.ask()
    yield running
    running.db.execute("delete from app.jobs")
    running.job_id = running.ask()
    assert running.process.process.poll() is None
    assert running.serves_others()
    said = running.log.read_text()
    assert [word for word in ("Traceback", "unhandled", "panicked", "never retrieved") if word in said] == [], said


@pytest.mark.parametrize(
    "frames",
    [
        ["", "a", "null", "[]", "{}", '{"type": "pong"}', '{"type": 1}', '{"type": "completed"}', "[" * 100_000],
        list(TEXTS.values()),
        [b"", b"\0", b"\xff\xfe", b"\x80" * 100_000, b'{"type": "pong"}'],
        [os.urandom(1000) for _ in range(20)],
        [["a", "b", "c"], [b"a", b"b"]],
        ["x" * 1_000_000] * 5,
    ],
    ids=["JSON", "texts", "binary", "random", "fragments", "large"],
)
def test_whatever_is_sent_is_a_sign_of_life_and_nothing_else(service: Service, frames: list[Any]) -> None:
    with service.open() as client:
        client.recv(WITHIN_S)
        for frame in frames:
            client.send(frame)
        driver = JobDriver(service.settings, service.job_id)
        driver.claim()
        driver.complete({"record_count": 7})
        received, code = to_the_end(client)
    assert json.loads(received[-1]) == {
        "type": "completed", "job_id": service.job_id, "summary": {"record_count": 7},
    }  # fmt: skip
    assert code == messages.ENDED_CODE


def test_message_of_any_size_ends_only_its_own_socket(service: Service) -> None:
    with service.open() as client, suppress(ConnectionClosed, OSError):
        client.recv(WITHIN_S)
        client.send("x" * HUGE)
        client.send(b"x" * HUGE)


def test_frames_that_are_none_end_only_their_own_socket(service: Service) -> None:
    """Unmasked, of unknown kind, too long by their own word, not UTF-8, another protocol: by hand."""
    raws = [
        b"\x81\x03abc",
        b"\x83\x80\0\0\0\0",
        b"\xf1\x80\0\0\0\0",
        b"\x82\xff" + struct.pack(">Q", 2**62) + b"\0\0\0\0aaaa",
        b"\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x81\x82\0\0\0\0\xff\xfe",
        b"\x89\xfe\x10\x00\0\0\0\0",
        b"\x88\x81\0\0\0\0\x03",
        b"\x88\x82\0\0\0\0\0\x01",
        b"\x80\x80\0\0\0\0",
        PORT_SCANNERS_WORDS,
        os.urandom(4096),
    ]
    for raw in raws:
        with suppress(ConnectionClosed, OSError), service.open() as client:
            client.recv(WITHIN_S)
            client.socket.sendall(raw)
            client.socket.shutdown(socket.SHUT_WR)
            to_the_end(client)


def test_client_that_goes_away_leaves_nothing_behind(service: Service) -> None:
    """Without a word, with a reset, in the middle of a message, with any close code."""
    for way in ("close", "reset", "half a frame", "code"):
        for number in range(5):
            client = service.open()
            client.recv(WITHIN_S)
            if way == "half a frame":
                client.socket.sendall(b"\x82\xfe\x10\x00abcd")
            elif way == "code":
                client.close(3000 + number)
                continue
            if way == "reset":
                client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.socket.close()


def test_handshake_that_is_none_is_refused(service: Service) -> None:
    path = urlsplit(service.url()).path
    upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\n"
    key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    version = "Sec-WebSocket-Version: 13\r\n"
    for lines in (
        "",
        upgrade,
        upgrade + key,
        upgrade + version,
        upgrade + version + "Sec-WebSocket-Key: \r\n",
        upgrade + key + version.replace("13", "99"),
    ):
        for method in ("GET", "POST"):
            with socket.create_connection(("127.0.0.1", service.port), WITHIN_S) as plain:
                request = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n{lines}\r\n"
                plain.sendall(request.encode())
                plain.shutdown(socket.SHUT_WR)
                status = plain.recv(65_536).partition(b"\r\n")[0]
            assert not status.startswith(b"HTTP/1.1 5"), (method, lines, status)


@pytest.mark.parametrize("job_id", ["a", "1", "..", "%00", "%ff", NO_JOB[:-1], NO_JOB + "0", "{job_id}", "' or 1=1 --"])
def test_path_of_no_job_is_refused(service: Service, job_id: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        service.code(job_id=quote(job_id, safe="%"))
    assert refused.value.response.status_code in (400, 403, 404)


def test_wrong_token_is_refused_by_code(service: Service) -> None:
    assert service.code(token="") == messages.TOKEN_INVALID
    for name, text in TEXTS.items():
        if len(text) <= 4096:
            assert service.code(token=text) == messages.TOKEN_INVALID, name
    assert service.code(token="ticket_" + "a" * 43) == messages.TOKEN_INVALID
    assert service.code(token=service.owner["refresh_token"]) == messages.TOKEN_INVALID


def test_token_that_is_too_long_is_refused(service: Service) -> None:
    for length in (4097, 50_000):
        assert service.code(token="a" * length) == messages.TOKEN_INVALID


def test_job_of_another_is_answered_as_one_that_is_not_there(service: Service) -> None:
    token = service.stranger["access_token"]
    assert service.code(token) == service.code(token, NO_JOB) == messages.NO_SUCH_JOB


@pytest.mark.parametrize(
    "origin",
    ["https://elsewhere.example", "null", "", "file://", "http://127.0.0.1", "http://127.0.0.1:1", "a\tb", "::"],
)
def test_page_of_another_origin_is_refused(service: Service, origin: str) -> None:
    assert service.code(additional_headers={"Origin": origin}) == messages.ORIGIN_NOT_ALLOWED


def test_own_page_is_served(service: Service) -> None:
    with service.open(additional_headers={"Origin": f"http://127.0.0.1:{service.port}"}) as client:
        assert json.loads(client.recv(WITHIN_S))["type"] == "connected"


def test_login_that_ends_ends_its_sockets_only(service: Service) -> None:
    again = service.log_in_again()
    with service.open() as stays, service.open(again["access_token"]) as ends:
        stays.recv(WITHIN_S)
        ends.recv(WITHIN_S)
        service.http.post("/api/auth/logout", json={"refresh_token": again["refresh_token"]})
        assert to_the_end(ends)[1] == messages.ACCESS_LOST
        stays.ping().wait(WITHIN_S)
        assert stays.close_code is None
    # For some seconds an access token is trusted without a query.
    wait_until(lambda: service.code(again["access_token"]) == messages.TOKEN_INVALID, 5)


def test_job_that_is_forgotten_ends_its_sockets(service: Service) -> None:
    with service.open() as client:
        client.recv(WITHIN_S)
        service.db.execute("delete from app.jobs where id = %s", [service.job_id])
        assert to_the_end(client)[1] == messages.ACCESS_LOST


def test_endless_pings_are_answered_and_harm_nobody(service: Service) -> None:
    with service.open() as client:
        client.recv(WITHIN_S)
        frame = bytes([0x80 | Opcode.PING, 0x80 | 4]) + b"\0\0\0\0ping"
        client.socket.sendall(frame * 10_000)
        assert client.ping().wait(WITHIN_S)
