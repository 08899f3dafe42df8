"""Clients of running APIs: each watches one job in a thread of its own and keeps what it is sent."""

import json
import threading
import time
from typing import Any

import httpx
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

_LIMIT_S = 60


class Watcher(threading.Thread):
    """`messages`: all but pings, in order. `versions`: of those that came with one. `ended_at`: by time.monotonic().

    `end`: the close code of the WebSocket, or the status of the event stream.
    """

    def __init__(self, api: str, job_id: str, token: str) -> None:
        super().__init__(daemon=True)
        self.messages: list[dict[str, Any]] = []
        self.versions: list[int] = []
        self.ended_at = 0.0
        self.end: int | None = None
        self.api = api
        self.job_id = job_id
        self._token = token
        self._is_greeted = threading.Event()
        self.start()

    def run(self) -> None:
        self.watch()
        self.ended_at = time.monotonic()

    def watch(self) -> None:
        """To the end that the server makes."""
        raise NotImplementedError

    def receive(self, text: str) -> None:
        message = json.loads(text)
        if message["type"] != "ping":
            self.messages.append(message)
            self._is_greeted.set()

    def wait_for_greeting(self) -> None:
        assert self._is_greeted.wait(_LIMIT_S)

    def to_the_end(self) -> list[dict[str, Any]]:
        """All messages, when there will be no more."""
        self.join(_LIMIT_S)
        assert not self.is_alive()
        return self.messages


class SocketWatcher(Watcher):
    """By WebSocket."""

    def watch(self) -> None:
        url = f"ws{self.api.removeprefix('http')}/ws/analysis/{self.job_id}?token={self._token}"
        with connect(url, open_timeout=_LIMIT_S) as socket:
            try:
                while True:
                    self.receive(str(socket.recv(_LIMIT_S)))
            except ConnectionClosed as closed:
                self.end = closed.rcvd and closed.rcvd.code


class EventWatcher(Watcher):
    """By server-sent events."""

    def watch(self) -> None:
        url = f"{self.api}/api/v1/analysis/{self.job_id}/events"
        with httpx.stream("GET", url, params={"token": self._token}, timeout=_LIMIT_S) as reply:
            self.end = reply.status_code
            for line in reply.iter_lines():
                name, _, value = line.partition(": ")
                if name == "data":
                    self.receive(value)
                elif name == "id":
                    self.versions.append(int(value))


WAYS: tuple[type[Watcher], ...] = (SocketWatcher, EventWatcher)
