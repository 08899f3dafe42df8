"""HTTP: tokens, timeouts, retries."""

import gzip
import json
import random
import time
from collections.abc import Callable

import httpx

from .blocks import Document
from .store import Store

RETRYABLE = {408, 429, 502, 503, 504}
LONGEST_WAIT_S = 60.0
# Longer than the 60 seconds in which the server wants a body, so that its answer 408 is received.
TIMEOUT_S = 90.0
CONNECT_TIMEOUT_S = 10.0
# If a connection breaks after so long, it is because it is slow.
SLOW_S = 30.0


class Refused(Exception):
    """The server answered with an error. `problem` is its name, e.g. `session-deleted`; `document` all of it."""

    def __init__(self, reply: httpx.Response) -> None:
        is_problem = reply.headers.get("content-type", "").startswith("application/problem+json")
        self.document: Document = reply.json() if is_problem else {}
        self.status = reply.status_code
        self.problem = str(self.document.get("type", "")).rpartition(":")[2]
        seconds = reply.headers.get("Retry-After", "")
        self.retry_after_s = float(seconds) if seconds.isdigit() else 0.0
        # A full account is not: waiting does not empty it.
        self.is_temporary = self.status in RETRYABLE and self.problem != "quota-exceeded"
        super().__init__(f"{self.status} {self.problem}: {self.document.get('detail', '')}")


class TooMuch(Exception):
    """A push is too large for the server or this network: 408, 413 or no answer in time. `cause`: which error."""

    def __init__(self, cause: Refused | httpx.TransportError) -> None:
        super().__init__(str(cause))
        self.cause = cause


class Connection:
    """Requests of one account. `now_ms`: the phone's clock."""

    first_wait_s = 0.5

    def __init__(
        self, http: httpx.Client, store: Store, attempts: int, timeout_s: float, now_ms: Callable[[], float]
    ) -> None:
        self.http, self.store, self.attempts, self.now_ms = http, store, attempts, now_ms
        self.timeout = httpx.Timeout(timeout_s, connect=min(CONNECT_TIMEOUT_S, timeout_s))

    def call(self, method: str, path: str, body: Document | None = None) -> Document:
        """Returns the answer. Retries temporary errors with growing pauses, `attempts` times in total."""
        raw = b"" if body is None else json.dumps(body).encode()
        return self._with_retries(lambda: self._answer(method, path, raw))

    def push(self, body: bytes) -> Document:
        """Returns the answer to a push. Raises TooMuch when sending the same again would not help."""

        def attempt() -> Document:
            began = time.monotonic()
            try:
                return self._answer("POST", "/api/sync/push", body)
            except Refused as refused:
                if refused.status in (408, 413):
                    raise TooMuch(refused) from refused
                raise
            except httpx.TransportError as error:
                has_timed_out = isinstance(error, httpx.ReadTimeout | httpx.WriteTimeout)
                if has_timed_out or time.monotonic() - began > SLOW_S:
                    raise TooMuch(error) from error
                raise

        return self._with_retries(attempt)

    def refresh(self) -> Document:
        """Gets new tokens and returns the user."""
        token = {"refresh_token": self.store.state("refresh_token")}
        return self.keep_tokens(self.call("POST", "/api/auth/refresh", token))

    def keep_tokens(self, answer: Document) -> Document:
        """Returns the user of the answer to a login."""
        with self.store.db:
            for name in ("access_token", "refresh_token"):
                self.store.set_state(name, answer[name])
        user: Document = answer["user"]
        return user

    def _with_retries(self, attempt: Callable[[], Document]) -> Document:
        for number in range(1, self.attempts + 1):
            wait_s = self.first_wait_s * 2**number * random.uniform(0.25, 0.5)  # noqa: S311
            try:
                return attempt()
            except Refused as refused:
                if not refused.is_temporary or number == self.attempts:
                    raise
                wait_s = max(wait_s, refused.retry_after_s)
            except httpx.TransportError:
                if number == self.attempts:
                    raise
            time.sleep(min(wait_s, LONGEST_WAIT_S))
        raise ValueError("attempts must be 1 or more")

    def _answer(self, method: str, path: str, raw: bytes) -> Document:
        """Sends a request once, or again with new tokens. Raises Refused."""
        content = gzip.compress(raw, mtime=0) if raw else b""
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"} if raw else {}
        if path == "/api/sync/push":
            # Not in the body, which stays the same when it is sent again.
            headers["Sent-At"] = str(self.now_ms())
        reply = self._send(method, path, content, headers)
        if reply.status_code == 401 and not path.startswith("/api/auth/") and self.store.state("refresh_token"):
            # Unless another process of the app has done it.
            if reply.request.headers["Authorization"] == self._authorization():
                self.refresh()
            reply = self._send(method, path, content, headers)
        if not reply.is_success:
            raise Refused(reply)
        return reply.json() if reply.content else {}

    def _send(self, method: str, path: str, content: bytes, headers: dict[str, str]) -> httpx.Response:
        login = {} if path.startswith("/api/auth/") else {"Authorization": self._authorization()}
        return self.http.request(method, path, content=content, headers=headers | login, timeout=self.timeout)

    def _authorization(self) -> str:
        return f"Bearer {self.store.state('access_token')}"
