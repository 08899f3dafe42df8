"""One request to a URL of a user: what counts as accepted, and where it goes."""

import asyncio
import json
import logging
import socket
import ssl
import time
import tracemalloc
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from standardwebhooks import Webhook

from koodtx.processes.addresses import free_port
from koodtx.webhooks.post import Answer, Message, post
from koodtx.webhooks.signature import write_secret
from tests.support.scripted_server import Reply, ScriptedServer, raw, stalls, status, then_stalls, without_end
from tests.webhooks.receiver import ACCEPTED, DROPPED, Names, certificate_for, headers_of

pytestmark = [pytest.mark.integration]

SECRET, OLD_SECRET = bytes(range(32)), bytes(range(32, 64))
BODY = json.dumps({"type": "take.completed", "data": {"text": "안녕"}}, ensure_ascii=False).encode()
MESSAGE = Message("0b8f3c1e-94a2-4f6b-8a70-5d3b6f0e2c11", BODY, [SECRET])
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
NAME = "hooks.example.test"
BROKE = Answer(None, "the connection broke, or the answer is not HTTP")
# Of an address that is public, which no test may really connect to.
PUBLIC = "8.8.8.8"


def send(url: str, message: Message = MESSAGE, *, allow_private: bool = True, total_s: float = 5) -> Answer:
    return asyncio.run(post(url, message, allow_private=allow_private, total_s=total_s))


def exchange(
    *replies: Reply, message: Message = MESSAGE, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1",
    total_s: float = 5,
) -> tuple[Answer, ScriptedServer]:  # fmt: skip
    """The answer of a receiver that is called `host`, and the receiver."""

    async def main() -> tuple[Answer, ScriptedServer]:
        async with ScriptedServer(*replies, tls=tls) as server:
            url = server.url.replace("127.0.0.1", host) + "/hooks?key=1"
            return await post(url, message, allow_private=True, total_s=total_s), server

    return asyncio.run(main())


def test_message_arrives_as_it_was_signed() -> None:
    answer, receiver = exchange(ACCEPTED)
    assert answer == Answer(200, None)
    (request,) = receiver.requests
    headers = headers_of(request)
    assert request.head.startswith("POST /hooks?key=1 HTTP/1.1\r\n")
    assert request.body == BODY
    assert headers["content-type"] == "application/json"
    assert headers["webhook-id"] == MESSAGE.message_id
    assert Webhook(write_secret(SECRET)).verify(request.body, headers) == json.loads(BODY)


def test_each_of_two_secrets_verifies_it() -> None:
    _, receiver = exchange(ACCEPTED, message=Message("msg", BODY, [SECRET, OLD_SECRET]))
    (request,) = receiver.requests
    for secret in (SECRET, OLD_SECRET):
        assert Webhook(write_secret(secret)).verify(request.body, headers_of(request)) == json.loads(BODY)


@pytest.mark.parametrize("code", [200, 201, 202, 204, 299])
def test_any_status_of_success_is_accepted(code: int) -> None:
    assert exchange(status(code, b""))[0] == Answer(code, None)


@pytest.mark.parametrize("code", [300, 304, 400, 401, 404, 410, 429, 500, 503, 599])
def test_any_other_status_is_not(code: int) -> None:
    assert exchange(status(code, b""))[0] == Answer(code, f"the receiver answered {code}")


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(code: int) -> None:
    async def main() -> tuple[Answer, ScriptedServer]:
        async with ScriptedServer(ACCEPTED) as inner, ScriptedServer(status(code, Location=inner.url)) as outer:
            return await post(outer.url, MESSAGE, allow_private=True), inner

    answer, inner = asyncio.run(main())
    assert answer == Answer(code, f"the receiver answered {code}")
    assert not inner.requests


@pytest.mark.parametrize(
    ("reply", "answer"),
    [
        (stalls, Answer(None, "no answer within 0.3 s")),
        (then_stalls(HEAD), Answer(None, "no answer within 0.3 s")),
        (without_end(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n", pause_s=0.01), Answer(None, "no answer within 0.3 s")),
        (without_end(b"", b"HTTP/1.1 102 Processing\r\n\r\n", pause_s=0.01), Answer(None, "no answer within 0.3 s")),
        (DROPPED, BROKE),
        (raw(b"hello\r\n\r\n"), BROKE),
        (raw(HEAD), BROKE),
        # What is accepted stays so, however the rest of the answer ends.
        (then_stalls(HEAD + b"Content-Length: 10\r\n\r\nabc"), Answer(200, None)),
        (raw(HEAD + b"Content-Length: 10\r\n\r\nabc"), Answer(200, None)),
        (raw(HEAD + b"Content-Encoding: gzip\r\n\r\nnot gzip"), Answer(200, None)),
    ],
)
def test_time_is_bounded_and_the_status_counts(reply: Reply, answer: Answer) -> None:
    started = time.monotonic()
    assert exchange(reply, total_s=0.3)[0] == answer
    assert time.monotonic() - started < 2


def test_no_more_of_an_answer_is_read_than_is_needed() -> None:
    tracemalloc.start()
    started = time.monotonic()
    answer, _ = exchange(without_end(HEAD + b"Content-Length: 10000000000\r\n\r\n", bytes(65_536)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert answer == Answer(200, None)
    assert time.monotonic() - started < 3
    assert peak < 30_000_000


def test_headers_without_end_are_refused() -> None:
    assert exchange(without_end(b"HTTP/1.1 200 OK\r\n", b"X: " + b"y" * 65_536 + b"\r\n"))[0] == BROKE


def test_the_url_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    """There may be a key in it."""
    caplog.set_level(logging.DEBUG)
    exchange(ACCEPTED)
    exchange(DROPPED)
    assert caplog.records
    assert "key=1" not in caplog.text


def test_nobody_listens() -> None:
    assert send(f"http://127.0.0.1:{free_port()}/") == Answer(None, "no connection: the host was not reachable")


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> tuple[Answer, ScriptedServer]:
        async with ScriptedServer(ACCEPTED) as proxy, ScriptedServer(status(202)) as receiver:
            for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
                monkeypatch.setenv(name, proxy.url)
            monkeypatch.delenv("no_proxy", raising=False)
            monkeypatch.delenv("NO_PROXY", raising=False)
            return await post(receiver.url, MESSAGE, allow_private=True), proxy

    answer, proxy = asyncio.run(main())
    assert answer == Answer(202, None)
    assert not proxy.requests


@pytest.fixture
def connected_to(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that sockets connect to. Those that are not of this machine refuse."""
    found: list[str] = []
    connect = socket.socket.connect

    def recorded(sock: socket.socket, address: Any) -> None:
        if sock.family in (socket.AF_INET, socket.AF_INET6):
            found.append(address[0])
            if not address[0].startswith("127."):
                raise ConnectionRefusedError
        connect(sock, address)

    monkeypatch.setattr(socket.socket, "connect", recorded)
    return found


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"], ["169.254.169.254"], ["0.0.0.0"], ["::1"], ["::ffff:127.0.0.1"], ["64:ff9b::7f00:1"],
        [PUBLIC, "127.0.0.1"], ["2606:4700::1111", "fe80::1"],
    ],
)  # fmt: skip
def test_a_name_with_an_inner_address_is_not_connected_to(
    monkeypatch: pytest.MonkeyPatch, connected_to: list[str], addresses: list[str]
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", Names(hooks_example_test=[addresses]))
    answer = send(f"https://{NAME}:8443/", allow_private=False)
    assert answer == Answer(None, "not sent: the host has an address that is not public")
    assert connected_to == []


def test_a_name_is_looked_up_once_and_the_checked_address_connected_to(
    monkeypatch: pytest.MonkeyPatch, connected_to: list[str]
) -> None:
    """Its answer changes between check and connection: DNS rebinding."""
    names = Names(hooks_example_test=[[PUBLIC], ["127.0.0.1"]])
    monkeypatch.setattr(socket, "getaddrinfo", names)
    answer = send(f"https://{NAME}:8443/", allow_private=False)
    assert answer == Answer(None, "no connection: the host was not reachable")
    assert (names.looked_up, connected_to) == ([NAME], [PUBLIC])


def test_another_address_is_tried_if_one_does_not_answer(
    monkeypatch: pytest.MonkeyPatch, connected_to: list[str]
) -> None:
    names = Names(hooks_example_test=[["127.0.0.2", PUBLIC, "127.0.0.1"], [PUBLIC]])
    monkeypatch.setattr(socket, "getaddrinfo", names)
    answer, receiver = exchange(ACCEPTED, host=NAME)
    assert answer == Answer(200, None)
    assert (names.looked_up, connected_to) == ([NAME], ["127.0.0.2", PUBLIC, "127.0.0.1"])
    (request,) = receiver.requests
    assert headers_of(request)["host"] == f"{NAME}:{urlsplit(receiver.url).port}"


def test_a_name_without_an_address_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(*args: Any, **options: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nothing)
    assert send(f"https://{NAME}/", allow_private=False) == Answer(None, "not sent: the host has no address")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://example.org/", "begin with https"),
        ("https://127.0.0.1/", "not public"),
        ("no URL", "must be a URL"),
    ],
)
def test_a_url_is_checked_again_when_it_is_used(url: str, reason: str, connected_to: list[str]) -> None:
    answer = send(url, allow_private=False)
    assert answer.status is None
    assert reason in (answer.error or "")
    assert connected_to == []


def test_tls_is_with_the_name_although_the_connection_is_to_an_address(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    certificate, tls = certificate_for(NAME, tmp_path)
    asked_for: list[str | None] = []
    tls.sni_callback = lambda _socket, name, _context: asked_for.append(name)
    monkeypatch.setattr(socket, "getaddrinfo", Names(hooks_example_test=[["127.0.0.1"]]))

    answer, receiver = exchange(ACCEPTED, tls=tls, host=NAME)
    assert answer == Answer(None, "no connection: self-signed certificate")
    assert not receiver.requests

    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    answer, receiver = exchange(ACCEPTED, tls=tls, host=NAME)
    assert answer == Answer(200, None)
    assert asked_for == [NAME, NAME]
    assert headers_of(receiver.requests[0])["host"].startswith(f"{NAME}:")


def test_a_certificate_of_another_name_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    certificate, tls = certificate_for("other.example.test", tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    monkeypatch.setattr(socket, "getaddrinfo", Names(hooks_example_test=[["127.0.0.1"]]))
    answer, receiver = exchange(ACCEPTED, tls=tls, host=NAME)
    assert answer.status is None
    assert f"certificate is not valid for '{NAME}'" in (answer.error or "")
    assert not receiver.requests
