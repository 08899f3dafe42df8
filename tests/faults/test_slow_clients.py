"""Hundreds of clients that send a byte now and then, or never read: they are dropped, and delay nobody else."""

import selectors
import socket
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import httpx
import pytest

from tests.faults.raw_http import connect, read_reply, request
from tests.faults.stack import Stack
from tests.support.readings import START_MS
from tests.support.requests import register_at

pytestmark = [
    pytest.mark.faults,
    pytest.mark.integration,
    pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc"),
]

SLOW = 100
NEVER_READING = 20
DROPPED_WITHIN_S = 20
TRICKLE_S = 0.5
ANSWERED_WITHIN_S = 1.0


@pytest.fixture(scope="module")
def headers(stack: Stack) -> dict[str, str]:
    """Of an account with a session too long for the buffers of a connection."""
    headers = register_at(stack.url, "mina")
    for first in range(0, 40_000, 10_000):
        items = [
            {"sensor_type": "light", "timestamp": START_MS + number, "data": {"lux": number / 7}}
            for number in range(first, first + 10_000)
        ]
        body = {"session": {"session_id": "long", "start_time": "2025-10-09T08:53:20Z"}, "sensor_data": items}
        httpx.post(f"{stack.url}/api/sync/push", headers=headers, json=body, timeout=30).raise_for_status()
    return headers


class Trickle(threading.Thread):
    """Connections that begin with `start` and then get one byte at a time. `ends`: seconds after which each ended."""

    def __init__(self, url: str, start: bytes, connections: int) -> None:
        super().__init__(daemon=True)
        self.ends: list[float] = []
        self.replies: list[bytes] = []
        self._selector = selectors.DefaultSelector()
        self._began = time.monotonic()
        for _ in range(connections):
            connection = connect(url)
            connection.sendall(start)
            self._selector.register(connection, selectors.EVENT_READ)

    def run(self) -> None:
        deadline = self._began + DROPPED_WITHIN_S + 10
        while self._selector.get_map() and time.monotonic() < deadline:
            for key, _ in self._selector.select(TRICKLE_S):
                self._receive(key.fileobj)  # type: ignore[arg-type]
            for key in list(self._selector.get_map().values()):
                self._send(key.fileobj)  # type: ignore[arg-type]
            time.sleep(TRICKLE_S)
        for key in list(self._selector.get_map().values()):
            self._end(key.fileobj, float("inf"))  # type: ignore[arg-type]

    def _receive(self, connection: socket.socket) -> None:
        try:
            received = connection.recv(65_536)
        except OSError:
            received = b""
        if received:
            self.replies.append(received)
        else:
            self._end(connection, time.monotonic() - self._began)

    def _send(self, connection: socket.socket) -> None:
        try:
            connection.sendall(b"a")
        except OSError:
            self._end(connection, time.monotonic() - self._began)

    def _end(self, connection: socket.socket, after_s: float) -> None:
        self.ends.append(after_s)
        self._selector.unregister(connection)
        connection.close()


@pytest.fixture
def never_reading(stack: Stack, headers: dict[str, str]) -> Iterator[None]:
    """Pulls whose replies nobody reads."""
    connections = [connect(stack.url, receive_buffer=4096) for _ in range(NEVER_READING)]
    for connection in connections:
        connection.sendall(request("/api/sync/pull", headers, {"session_ids": ["long"]}))
    yield
    for connection in connections:
        connection.close()


def seconds_of_requests(stack: Stack, headers: dict[str, str], until: float) -> list[float]:
    """How long ordinary requests took, all answered: what is stored, and a push."""
    seconds = []
    with httpx.Client(base_url=stack.url, headers=headers, timeout=20) as http:
        while time.monotonic() < until or not seconds:
            number = len(seconds)
            item = {"sensor_type": "light", "timestamp": START_MS + number, "data": {"lux": 1}}
            session = {"session_id": "short", "start_time": "2025-10-09T08:53:20Z"}
            began = time.monotonic()
            assert http.get("/api/sync/status").status_code == 200
            reply = http.post("/api/sync/push", json={"session": session, "sensor_data": [item]})
            assert reply.status_code == 200, reply.text
            seconds.append(time.monotonic() - began)
            time.sleep(0.2)
    return seconds


def push_over_a_slow_line(stack: Stack, headers: dict[str, str]) -> int:
    """Two KiB a second, for longer than a trickling body lives; the status of the reply."""
    item = {"sensor_type": "light", "timestamp": START_MS, "data": {"note": "a" * 28_000}}
    session = {"session_id": "by-modem", "start_time": "2025-10-09T08:53:20Z"}
    message = request("/api/sync/push", headers, {"session": session, "sensor_data": [item]})
    with closing(connect(stack.url)) as connection:
        for sent in range(0, len(message), 1024):
            connection.sendall(message[sent : sent + 1024])
            time.sleep(TRICKLE_S)
        reply = read_reply(connection)
    return reply.status if reply else 0


@pytest.mark.usefixtures("never_reading")
def test_slow_clients_are_dropped_and_delay_nobody(stack: Stack, headers: dict[str, str]) -> None:
    unfinished = request("/api/sync/push", headers | {"Content-Length": "100000"}, {})
    slow = {
        "headers": Trickle(stack.url, b"POST /api/sync/push HTTP/1.1\r\nHost: faults\r\nX-Slow: ", SLOW),
        "bodies": Trickle(stack.url, unfinished, SLOW),
    }
    for trickle in slow.values():
        trickle.start()
    with ThreadPoolExecutor(1) as threads:
        modem = threads.submit(push_over_a_slow_line, stack, headers)
        seconds = seconds_of_requests(stack, headers, time.monotonic() + 10)
        assert modem.result() == 200
    for trickle in slow.values():
        trickle.join()
    print(f"{len(seconds)} requests, median {statistics.median(seconds):.3f} s, longest {max(seconds):.3f} s")
    for name, trickle in slow.items():
        print(f"slow {name}: dropped after {min(trickle.ends):.1f} to {max(trickle.ends):.1f} s; {trickle.replies[:1]}")
    assert statistics.quantiles(seconds, n=10)[-1] < ANSWERED_WITHIN_S
    for trickle in slow.values():
        assert max(trickle.ends) < DROPPED_WITHIN_S
        assert len(trickle.ends) == SLOW
    # They can come back at once: the rejection says what was wrong.
    assert all(b" 408 " in reply for reply in slow["bodies"].replies)
