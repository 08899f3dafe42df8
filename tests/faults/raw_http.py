"""HTTP by hand, for clients that break off in the middle."""

import json
import socket
import struct
from contextlib import closing, suppress
from http.client import HTTPException, HTTPResponse, IncompleteRead
from typing import Any, NamedTuple
from urllib.parse import urlsplit

_TIMEOUT_S = 20


class Reply(NamedTuple):
    """`is_whole`: it was received to the end that it announced."""

    status: int
    body: bytes
    is_whole: bool


def encode(document: Any) -> bytes:
    """A push sent again must have the same bytes."""
    return json.dumps(document).encode()


def request(path: str, headers: dict[str, str], document: Any) -> bytes:
    """A POST of JSON, as it goes over the wire."""
    body = encode(document)
    fields = {"Host": "faults", "Content-Type": "application/json", "Content-Length": str(len(body)), **headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + body


def connect(url: str, receive_buffer: int | None = None) -> socket.socket:
    """With a small `receive_buffer` the server cannot send far ahead of what is read."""
    parts = urlsplit(url)
    connection = socket.socket()
    if receive_buffer:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    connection.settimeout(_TIMEOUT_S)
    connection.connect((parts.hostname, parts.port))
    return connection


def reset(connection: socket.socket) -> None:
    """Closes at once, as a phone that loses its network does; whatever is under way is dropped."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def drained(connection: socket.socket, until: bytes | None = None) -> bytes:
    """All that still comes, to the end of the connection or up to and with some bytes."""
    received = bytearray()
    with suppress(ConnectionError):
        while not (until and received.endswith(until)) and (piece := connection.recv(1 << 16)):
            received += piece
    return bytes(received)


def read_reply(connection: socket.socket, limit: int | None = None) -> Reply | None:
    """The reply, or its first `limit` bytes; None when there was none."""
    with closing(HTTPResponse(connection, method="POST")) as reply:
        try:
            reply.begin()
        except (OSError, HTTPException):
            return None
        body = bytearray()
        try:
            while limit is None or len(body) < limit:
                piece = reply.read(65_536 if limit is None else min(65_536, limit - len(body)))
                if not piece:
                    return Reply(reply.status, bytes(body), True)
                body += piece
        except IncompleteRead as cut:
            body += cut.partial
        except OSError:
            pass
        return Reply(reply.status, bytes(body), False)


def is_json(body: bytes) -> bool:
    with suppress(ValueError):
        json.loads(body)
        return True
    return False
