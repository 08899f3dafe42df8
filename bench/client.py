"""A minimal client for benchmarks: one kept connection, and bodies that were encoded before."""

import http.client
import time
from itertools import count
from types import TracebackType
from typing import Any, Self

import msgspec

_IDLE_S = 10

_numbers = count(1)


class Client:
    """A registered user with one device; a context manager that closes the connection."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
        self._used_at = time.monotonic()
        self._headers = {"Content-Type": "application/json"}
        name = f"phone{next(_numbers)}"
        account = {"username": name, "email": f"{name}@example.org", "password": "correct horse battery staple"}
        reply = self.send("POST", "/api/auth/register", msgspec.json.encode(account | {"device_id": "phone"}))
        answer = msgspec.json.decode(reply)
        self.user_id: int = answer["user"]["id"]
        self._headers["Authorization"] = f"Bearer {answer['access_token']}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def push(self, body: bytes) -> dict[str, Any]:
        """Pushes a body and returns the decoded answer."""
        answer: dict[str, Any] = msgspec.json.decode(self.send("POST", "/api/sync/push", body))
        return answer

    def pull(self, **request: Any) -> bytes:
        """Pulls and returns the body of the answer."""
        return self.send("POST", "/api/sync/pull", msgspec.json.encode(request))

    def download(self, path: str) -> int:
        """Gets a file without keeping it; returns the number of bytes."""
        self._connection.close()
        self._connection.request("GET", path, headers=self._headers)
        reply = self._connection.getresponse()
        size = 0
        while piece := reply.read(1 << 16):
            size += len(piece)
        if reply.status >= 300:
            raise RuntimeError(f"GET {path} answered {reply.status}")
        self._used_at = time.monotonic()
        return size

    def send(self, method: str, path: str, body: bytes | None = None) -> bytes:
        if time.monotonic() - self._used_at > _IDLE_S:
            # The server may have closed the connection; the next request opens a new one.
            self._connection.close()
        self._used_at = time.monotonic()
        self._connection.request(method, path, body, self._headers)
        reply = self._connection.getresponse()
        content = reply.read()
        if reply.status >= 300:
            raise RuntimeError(f"{method} {path} answered {reply.status}: {content[:300]!r}")
        return content
