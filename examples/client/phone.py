"""What an app calls: log in, record, push, pull."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import httpx

from .blocks import Document
from .connection import TIMEOUT_S, Connection, Refused, TooMuch
from .mirror import Mirror
from .outbox import Batch, Outbox
from .store import Store

# The whole push was rejected and nothing was stored: its data returns to the outbox, and the app must fix it.
FINAL = {400, 415, 422}
# A clock that is off by less is right: so long may a request take.
WRONG_CLOCK_MS = 60_000
RETRY_HELD_S = 3600.0


def _now_ms() -> float:
    return time.time() * 1000


class Phone:
    """One device of one account; not thread-safe, but several processes of an app may use the same store.

    Calls to the server raise Refused, errors of httpx, or Busy when another process talks to it for minutes.
    `rejected` lists readings that the server rejected permanently, with `code` and `message`. They were deleted here.
    `now_ms`: the phone's clock, epoch milliseconds.
    """

    retry_held_s = RETRY_HELD_S

    def __init__(
        self, http: httpx.Client, store: Path | str, device_id: str, *, batch_size: int = 5_000, attempts: int = 6,
        timeout_s: float = TIMEOUT_S, now_ms: Callable[[], float] = _now_ms,
    ) -> None:  # fmt: skip
        self.device_id, self.batch_size = device_id, batch_size
        self.rejected: list[Document] = []
        self.store = Store(store)
        self.connection = Connection(http, self.store, attempts, timeout_s, now_ms)
        self._outbox, self._mirror = Outbox(self.store), Mirror(self.store)
        self._call, self._rows = self.connection.call, self.store.rows
        # So many readings get through on this network, as far as is known.
        self._size = batch_size
        self._tried_held_at: float | None = None

    def close(self) -> None:
        self.store.close()

    def register(self, username: str, email: str, password: str) -> Document:
        """Creates an account, logs in and returns the user."""
        account = {"username": username, "email": email, "password": password, "device_id": self.device_id}
        return self._begin_login(self._call("POST", "/api/auth/register", account))

    def login(self, username: str, password: str) -> Document:
        """Logs in by user name or e-mail address and returns the user."""
        account = {"username": username, "password": password, "device_id": self.device_id}
        return self._begin_login(self._call("POST", "/api/auth/login", account))

    def refresh(self) -> Document:
        """Gets new tokens and returns the user. Requests do this automatically when the access token has expired."""
        return self.connection.refresh()

    def begin_session(self, session_id: str, start_time: str | float, **fields: Any) -> None:
        """Starts a session. `start_time`: ISO 8601 or epoch milliseconds; `fields`: sample_rate, notes and so on."""
        self._outbox.set_fields(session_id, {"start_time": start_time} | fields)

    def change_session(self, session_id: str, **fields: Any) -> None:
        """Sets fields of a session of this phone; `end_time` ends it. Raises KeyError for an unknown session."""
        self._outbox.check_begun(session_id)
        self._outbox.set_fields(session_id, fields)

    def record(self, session_id: str, sensor_type: str, timestamp_ms: float, data: Document) -> None:
        """Stores a reading until it is pushed. It replaces a reading of the same sensor and time."""
        self.record_many(session_id, [(sensor_type, timestamp_ms, data)])

    def record_many(self, session_id: str, readings: Iterable[tuple[str, float, Document]]) -> None:
        """Stores readings (sensor type, epoch milliseconds, data) in one transaction."""
        self._outbox.check_begun(session_id)
        self._outbox.record_many(session_id, readings)

    def sessions(self) -> list[Document]:
        """Returns the sessions of the server as of the latest pull."""
        return self._mirror.sessions()

    def readings(self, session_id: str) -> list[tuple[str, float, Document]]:
        """Returns the readings of a session: those of the latest pull, replaced by those still to be pushed."""
        columns = "select sensor_type, timestamp_ms, data from"
        pulled = self._rows(f"{columns} readings where session_id = ?", session_id)
        waiting = self._rows(f"{columns} recorded where session_id = ? and not is_acknowledged", session_id)
        newest = {(sensor, at): json.loads(data) for sensor, at, data in pulled + waiting}
        return [(sensor, at, newest[sensor, at]) for sensor, at in sorted(newest)]

    def held(self) -> list[Document]:
        """Returns the readings that the server does not accept for now: session_id, sensor_type, timestamp, code."""
        return self._outbox.held()

    @property
    def clock_offset_ms(self) -> int | None:
        """The server's clock minus the phone's, at the latest push; None: not known."""
        offset_ms: int | None = self.store.state("clock_offset_ms")
        return offset_ms

    def retime(self, session_id: str, shift_ms: float) -> int:
        """Moves the times of the held readings of a session and returns how many were moved; the next push sends them.

        For readings of a clock that was set right before they were pushed: only the app can know by how much.
        """
        with self.store.db:
            return self._outbox.retime_held(session_id, shift_ms)

    def delete_session(self, session_id: str) -> None:
        """Deletes a session here and on the server permanently; other devices delete it at their next pull."""
        with self.store.turn():
            try:
                self._call("DELETE", f"/api/sessions/{session_id}")
            except Refused as refused:
                if refused.status != 404:  # never pushed
                    raise
            with self.store.db:
                self.store.drop(session_id)

    def push(self, on_reply: Callable[[Document], object] = lambda reply: None) -> Counter[str]:
        """Sends all data that is not yet acknowledged, batch by batch, and returns the summed counts.

        If it raises, for example offline, the rest stays in the outbox and the next push continues with it.
        """
        self._retry_held()
        counts: Counter[str] = Counter()
        corrected: set[tuple[str, str]] = set()
        slow = 0
        while True:
            with self.store.turn():
                batch = self._outbox.batch_under_way() or self._outbox.next_batch(self._size)
                if batch is None:
                    return counts
                try:
                    reply = self._send(batch, corrected)
                    slow = 0
                except TooMuch as too_much:
                    slow += 1
                    if not self._halve(batch, too_much.cause) or slow >= self.connection.attempts:
                        raise too_much.cause from too_much
                    continue
            if reply:
                counts.update({name: reply[name] for name in ("inserted", "updated", "duplicates", "errors")})
                on_reply(reply)

    def pull(self, *, own: bool = True, on_page: Callable[[Document], object] = lambda page: None) -> None:
        """Pulls all changes. `own=False` omits readings that this phone pushed and therefore already has."""
        try:
            self._pull_changes(own, on_page)
        except Refused as refused:
            if refused.problem != "resync":
                raise
            self._mirror.start_resync()
            self._pull_changes(own, on_page)
            self.push()

    def _send(self, batch: Batch, corrected: set[tuple[str, str]]) -> Document | None:
        """Returns the reply, or None if the batch is not wanted any more. Raises Refused, TooMuch.

        `corrected`: the session times that were corrected during this push, each only once.
        """
        try:
            reply = self.connection.push(batch.body)
        except Refused as refused:
            with self.store.db:
                if refused.problem == "session-deleted":
                    self.store.drop(batch.session_id)
                    return None
                if refused.problem == "push-replaced":
                    self._outbox.end(batch, is_acknowledged=False)
                    return None
                if refused.status in FINAL:
                    self._outbox.abandon(batch)
            if self._correct_session(batch.session_id, refused, corrected):
                return None
            raise
        with self.store.db:
            self._keep_reply(batch, reply)
        self._size = min(2 * self._size, self.batch_size)
        return reply

    def _keep_reply(self, batch: Batch, reply: Document) -> None:
        stored, rejected = self._outbox.acknowledge(batch, reply)
        self._mirror.keep_readings(batch.session_id, stored)
        self.rejected += rejected
        offset_ms = reply.get("clock_offset_ms")
        self.store.set_state("clock_offset_ms", offset_ms)
        if offset_ms is not None and abs(offset_ms) > WRONG_CLOCK_MS and "accepted_times" in reply:
            self._outbox.retime_held(batch.session_id, offset_ms, reply["accepted_times"])

    def _correct_session(self, session_id: str, refused: Refused, corrected: set[tuple[str, str]]) -> bool:
        """Corrects the start or the end that was refused, if the phone's clock is why."""
        offset_ms = refused.document.get("clock_offset_ms", 0)
        names = {error["field"].removeprefix("session.") for error in refused.document.get("errors", [])}
        wrong = {(session_id, name) for name in names & {"start_time", "end_time"}} - corrected
        if abs(offset_ms) <= WRONG_CLOCK_MS:
            return False
        for _, name in wrong:
            self._outbox.retime_field(session_id, name, offset_ms)
        corrected |= wrong
        return bool(wrong)

    def _halve(self, batch: Batch, cause: Exception) -> bool:
        """Gives a batch up for smaller ones, which replace it. False: it has only one reading."""
        count = len(batch.readings())
        # What is too large even so is for the app to fix; what is only slow is sent again as it is.
        if count > 1 or (isinstance(cause, Refused) and cause.status == 413):
            self._size = max(1, count // 2)
            with self.store.db:
                self._outbox.abandon(batch)
        return count > 1

    def _retry_held(self) -> None:
        """Sends held readings again from time to time: by now they may be accepted."""
        now = time.monotonic()
        if self._tried_held_at is None or now - self._tried_held_at >= self.retry_held_s:
            self._tried_held_at = now
            self._outbox.release_held()

    def _pull_changes(self, own: bool, on_page: Callable[[Document], object]) -> None:
        name = f"cursor own={own}"
        is_midway = f"cursor own={own} is midway"
        # An interrupted pull is finished first; a second pull then receives the latest changes.
        for _ in range(2 if self.store.state(is_midway) else 1):
            has_more = True
            while has_more:
                page = self._pull_page({"cursor": self.store.state(name), "own": own}, name, is_midway)
                has_more = page["has_more"]
                on_page(page)
        if not own:
            for session_id in self._mirror.lacking():
                self._pull_session(session_id)

    def _pull_page(self, question: Document, cursor: str = "", is_midway: str = "") -> Document:
        """Pulls and applies a page. A push in progress is finished first, so that all that is pulled is newer."""
        with self.store.turn():
            if batch := self._outbox.batch_under_way():
                self._finish(batch)
            page = self._call("POST", "/api/sync/pull", question | {"form": "columns"})
            with self.store.db:
                self._mirror.keep_page(page)
                if cursor:
                    self.store.set_state(cursor, page["cursor"])
                    self.store.set_state(is_midway, page["has_more"])
        return page

    def _finish(self, batch: Batch) -> None:
        try:
            self._send(batch, set())
        except TooMuch as too_much:
            if not self._halve(batch, too_much.cause):
                raise too_much.cause from too_much

    def _pull_session(self, session_id: str) -> None:
        page: Document = {"cursor": None, "has_more": True}
        while page["has_more"]:
            page = self._pull_page({"cursor": page["cursor"], "session_ids": [session_id]})

    def _begin_login(self, answer: Document) -> Document:
        user = self.connection.keep_tokens(answer)
        # A server that is older does not say in which forms it takes readings: then only one by one.
        forms = self._call("GET", "/api/sync/status").get("forms", ["rows"])
        with self.store.db:
            self.store.set_state("has_blocks", "columns" in forms)
        return user
