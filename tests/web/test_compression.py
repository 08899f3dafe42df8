"""Answers in gzip: JSON above a thousand bytes, for clients that accept it, piece by piece."""

import asyncio
import gzip
import json
import os
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest

from koodtx.web.compression import CompressAnswers
from tests.support.aliases import Client, Document

pytestmark = [pytest.mark.api]

START_MS = 1_760_000_000_000
GZIP = {"Accept-Encoding": "gzip"}


def raw(client: Client, method: str, path: str, headers: dict[str, str], **more: Any) -> tuple[Any, bytes]:
    """The answer and its bytes as they came."""
    with client.stream(method, path, headers=headers, **more) as reply:
        return reply, b"".join(reply.iter_raw())


@pytest.fixture
def recorded(client: Client, auth_headers: dict[str, str]) -> dict[str, str]:
    """The Authorization of a user who has pushed 500 readings."""
    items = [{"sensor_type": "a", "timestamp": START_MS + at, "data": {"x": at / 4}} for at in range(500)]
    body = {"session": {"session_id": "walk", "start_time": START_MS}, "sensor_data": items}
    assert client.post("/api/sync/push", json=body, headers=auth_headers).status_code == 200
    return auth_headers


def test_a_long_answer_is_compressed(client: Client, recorded: dict[str, str]) -> None:
    reply, packed = raw(client, "POST", "/api/sync/pull", recorded | GZIP, json={})
    assert (reply.headers["content-encoding"], reply.headers["vary"]) == ("gzip", "Accept-Encoding")
    assert "content-length" not in reply.headers
    page = json.loads(gzip.decompress(packed))
    assert len(page["sessions"][0]["sensor_data"]) == 500
    _, plain = raw(client, "POST", "/api/sync/pull", recorded | {"Accept-Encoding": "identity"}, json={})
    assert json.loads(plain)["sessions"] == page["sessions"]
    assert len(packed) < len(plain) / 3


@pytest.mark.parametrize("accepted", ["identity", "br", "", "gzip;q=0", "gzip; q=0.000", "x-gzip-not"])
def test_who_does_not_accept_gzip_gets_none(client: Client, recorded: dict[str, str], accepted: str) -> None:
    reply, plain = raw(client, "POST", "/api/sync/pull", recorded | {"Accept-Encoding": accepted}, json={})
    assert "content-encoding" not in reply.headers
    assert json.loads(plain)["total"] == 1


@pytest.mark.parametrize("accepted", ["gzip", "br, gzip;q=0.5", "GZIP", "deflate,gzip"])
def test_who_accepts_gzip_gets_it(client: Client, recorded: dict[str, str], accepted: str) -> None:
    reply, _ = raw(client, "POST", "/api/sync/pull", recorded | {"Accept-Encoding": accepted}, json={})
    assert reply.headers["content-encoding"] == "gzip"


def test_a_short_answer_is_sent_as_it_is(client: Client, auth_headers: dict[str, str]) -> None:
    reply, plain = raw(client, "GET", "/api/auth/me", auth_headers | GZIP)
    assert "content-encoding" not in reply.headers
    assert int(reply.headers["content-length"]) == len(plain) < 1000


def test_what_is_not_json_is_sent_as_it_is(client: Client) -> None:
    reply, _ = raw(client, "GET", "/docs/assets/swagger-ui.css", GZIP)
    assert "content-encoding" not in reply.headers


def test_a_long_answer_in_one_piece_is_compressed(client: Client) -> None:
    reply, packed = raw(client, "GET", "/docs/openapi.json", GZIP)
    assert reply.headers["content-encoding"] == "gzip"
    assert "paths" in json.loads(gzip.decompress(packed))


Messages = list[Document]


def sent(pieces: list[bytes], content_type: str = "application/json", *, fails: bool = False) -> Messages:
    """What becomes of an answer in these pieces; `fails`: an error comes before the last."""
    messages: Messages = []

    async def app(scope: Any, receive: Any, send: Callable[..., Any]) -> None:
        headers = [(b"content-type", content_type.encode()), (b"content-length", b"%d" % sum(map(len, pieces)))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for place, piece in enumerate(pieces):
            if fails and place == len(pieces) - 1:
                raise ConnectionError
            await send({"type": "http.response.body", "body": piece, "more_body": place < len(pieces) - 1})

    async def send(message: Any) -> None:
        messages.append(message)

    scope: Any = {"type": "http", "headers": [(b"accept-encoding", b"gzip")]}
    with pytest.raises(ConnectionError) if fails else nullcontext():
        asyncio.run(CompressAnswers(app)(scope, send, send))  # type: ignore[arg-type]
    return messages


@pytest.mark.unit
@pytest.mark.parametrize(
    "pieces", [[b"[1]", b""], [b"", b"a" * 5000], [b"a" * 200_000] * 5, [b"", b"", b"b"], [b"a" * 1000]]
)
def test_pieces_add_up(pieces: list[bytes]) -> None:
    start, *bodies = sent(pieces)
    assert (b"content-encoding", b"gzip") in [(name.lower(), value) for name, value in start["headers"]]
    assert [body["more_body"] for body in bodies] == [True] * (len(bodies) - 1) + [False]
    assert gzip.decompress(b"".join(body["body"] for body in bodies)) == b"".join(pieces)


@pytest.mark.unit
def test_a_piece_is_sent_on_before_the_next_comes() -> None:
    """However long the answer is, no more than a piece and what zlib keeps is held."""
    lengths = [len(body["body"]) for body in sent([os.urandom(100_000) for _ in range(10)])[1:]]
    assert len(lengths) >= 10
    assert max(lengths) < 200_000


@pytest.mark.unit
def test_an_answer_that_was_cut_is_not_valid_gzip() -> None:
    bodies = sent([b"a" * 200_000] * 3, fails=True)[1:]
    assert all(body["more_body"] for body in bodies)
    with pytest.raises(EOFError):
        gzip.decompress(b"".join(body["body"] for body in bodies))


@pytest.mark.unit
def test_events_are_not_held_back() -> None:
    pieces = [b"data: 1\n\n", b"data: 2\n\n"]
    assert [message.get("body") for message in sent(pieces, "text/event-stream")[1:]] == pieces
