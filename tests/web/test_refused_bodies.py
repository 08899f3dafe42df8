"""Rejections of requests whose body nobody read: the client sees the answer, and the connection works or is announced
as closed. Over real connections, since these are properties of the server.
"""

import http.client
import socket
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPResponse
from typing import NamedTuple
from urllib.parse import urlsplit

import httpx
import pytest

from koodtx.settings import Settings
from tests.support.requests import register
from tests.support.serving import serving

pytestmark = [pytest.mark.integration]

SIZES = [1_000, 70_000, 1_000_000, 9_000_000]
JSON = {"Content-Type": "application/json"}


class Rejection(NamedTuple):
    """A request, and the status that it gets whatever its body is."""

    method: str
    path: str
    headers: dict[str, str]
    status: int


REJECTIONS = [
    Rejection("POST", "/api/sync/push", JSON | {"Authorization": "Bearer expired"}, 401),
    Rejection("POST", "/api/nowhere", JSON, 404),
    Rejection("PUT", "/api/sync/push", JSON, 405),
    Rejection("POST", "/api/auth/login", JSON | {"Content-Encoding": "br"}, 415),
]


@pytest.fixture
def service(settings: Settings) -> Iterator[httpx.Client]:
    with serving(settings) as client:
        yield client


def address(service: httpx.Client) -> tuple[str, int]:
    parts = urlsplit(str(service.base_url))
    assert parts.hostname is not None
    assert parts.port is not None
    return parts.hostname, parts.port


def head(rejection: Rejection, **fields: str) -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in (rejection.headers | fields).items())
    return f"{rejection.method} {rejection.path} HTTP/1.1\r\nHost: test\r\n{lines}\r\n".encode()


def read(connection: socket.socket) -> HTTPResponse:
    reply = HTTPResponse(connection)
    reply.begin()
    reply.read()
    return reply


def test_rejections_are_seen_and_the_connection_is_kept_or_said_to_close(service: httpx.Client) -> None:
    for rejection in REJECTIONS:
        for size in SIZES:
            with closing(socket.create_connection(address(service), timeout=20)) as connection:
                connection.sendall(head(rejection, **{"Content-Length": str(size)}) + b" " * size)
                reply = read(connection)
                assert reply.status == rejection.status, (rejection, size)
                if reply.getheader("Connection", "").lower() != "close":
                    connection.sendall(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n")
                    assert read(connection).status == 200, (rejection, size)


def test_plain_clients_see_rejections(service: httpx.Client) -> None:
    for rejection in REJECTIONS:
        for size in SIZES:
            connection = http.client.HTTPConnection(*address(service), timeout=20)
            with closing(connection):
                connection.request(rejection.method, rejection.path, b" " * size, rejection.headers)
                assert connection.getresponse().status == rejection.status, (rejection, size)


def test_a_body_in_chunks_is_thrown_away_too(service: httpx.Client) -> None:
    for rejection in REJECTIONS:
        with closing(socket.create_connection(address(service), timeout=20)) as connection:
            chunk = b"10000\r\n" + b" " * 65_536 + b"\r\n"
            connection.sendall(head(rejection, **{"Transfer-Encoding": "chunked"}) + chunk * 20 + b"0\r\n\r\n")
            assert read(connection).status == rejection.status
            connection.sendall(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n")
            assert read(connection).status == 200


def test_a_client_that_waits_to_continue_is_told_that_the_connection_closes(service: httpx.Client) -> None:
    for rejection in REJECTIONS[:3]:
        with closing(socket.create_connection(address(service), timeout=20)) as connection:
            connection.sendall(head(rejection, **{"Content-Length": "9000000", "Expect": "100-continue"}))
            reply = read(connection)
            assert (reply.status, reply.getheader("Connection")) == (rejection.status, "close")


WRONG_CHUNKS = [b"zz\r\n", b"-1\r\n", b"f" * 17 + b"\r\n", b"2\r\n{}x", b"2;" + b"a" * 70_000 + b"\r\n{}\r\n"]


def test_wrong_chunks_are_400(service: httpx.Client) -> None:
    """The client is there and reads the answer, although the server cannot read on."""
    token = register(service)["headers"]
    for path in ("/api/sync/push", "/api/auth/login", "/api/auth/refresh", "/api/sync/pull"):
        for chunk in WRONG_CHUNKS:
            rejection = Rejection("POST", path, JSON | token, 400)
            with closing(socket.create_connection(address(service), timeout=20)) as connection:
                connection.sendall(head(rejection, **{"Transfer-Encoding": "chunked"}) + b"1\r\n{\r\n" + chunk)
                assert read(connection).status == rejection.status, (path, chunk)


def test_routes_take_64_kb_except_for_readings_and_labels(service: httpx.Client) -> None:
    token = register(service)["headers"]
    for path in ("/api/auth/login", "/api/auth/register", "/api/auth/refresh", "/api/sync/pull", "/api/v1/analysis"):
        large = service.post(path, headers=JSON | token, content=b" " * 65_537)
        assert large.status_code == 413, path
        assert service.post(path, headers=JSON | token, content=b" " * 65_536).status_code == 400, path
    assert service.post("/api/sync/push", headers=JSON | token, content=b" " * 65_537).status_code == 400
    assert service.put("/api/sessions/walk/labels", headers=JSON | token, content=b" " * 65_537).status_code == 400
