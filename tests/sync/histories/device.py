"""A device: what it pushed, what it pulled, and how it asks."""

import copy
import json
from dataclasses import dataclass, field

from koodtx.accounts.caller import Caller
from tests.support.aliases import Document
from tests.support.column_blocks import as_blocks, expanded
from tests.sync.histories.model import Key, is_refused, key_of
from tests.sync.histories.steps import Operation

_SHOWN = ("start_time", "end_time", "notes", "is_active", "is_uploaded", "data_count", "units", "device", "labels")


def shown(session: Document) -> Document:
    """The fields of a pulled session that the model knows, None where it has none."""
    return {name: session.get(name) for name in _SHOWN}


@dataclass
class Push:
    """A push as it travels. `expected`: what the model answered when it was committed."""

    body: Document
    expected: Document | None = None
    # Whether it travels in blocks of columns.
    has_blocks: bool = False

    @property
    def raw(self) -> bytes:
        if not self.has_blocks:
            return json.dumps(self.body).encode()
        return json.dumps(self.body | {"sensor_data": as_blocks(self.body["sensor_data"])}).encode()

    @property
    def session_id(self) -> str:
        session_id: str = self.body["session"]["session_id"]
        return session_id

    def halves(self, push_ids: tuple[str, str], replaces: list[str]) -> tuple["Push", "Push"]:
        """Its readings in two pushes, which replace it."""
        items = self.body["sensor_data"]
        first, second = items[: len(items) // 2], items[len(items) // 2 :]
        session = {"session": self.body["session"]}
        return (
            Push(session | {"push_id": push_ids[0], "replaces": replaces, "sensor_data": first}),
            Push(session | {"push_id": push_ids[1], "sensor_data": second}),
        )

    def accepted(self) -> dict[Key, Document]:
        return {key_of(item): item["data"] for item in self.body["sensor_data"] if not is_refused(item)}


@dataclass
class Mirror:
    """What the device has of the server, and from where it goes on."""

    sessions: dict[str, Document] = field(default_factory=dict)
    readings: dict[str, dict[Key, Document]] = field(default_factory=dict)
    cursor: str | None = None
    since: str | None = None
    # Pages are counted off, so they must all be of one size.
    page: int = 1
    page_size: int = 1
    # server_timestamp of a page of the pull under way: whichever page it is of, it must be safe to keep.
    next_since: str | None = None

    def drop(self, session_id: str) -> None:
        self.sessions.pop(session_id, None)
        self.readings.pop(session_id, None)

    def store(self, page: Document) -> None:
        for session_id in page["deleted"]:
            self.drop(session_id)
        for session in page["sessions"]:
            session_id = session["session_id"]
            self.sessions[session_id] = shown(session)
            items = expanded(session.get("sensor_data", []))
            self.readings.setdefault(session_id, {}).update({key_of(item): item["data"] for item in items})


@dataclass
class Device:
    """`unanswered`: a push whose reply never came. `held`: its own readings that were acknowledged.

    `waiting`: second halves of pushes that it abandoned, to be pushed next; `abandoned`: the ids of these pushes since
    the last acknowledgement; `late`: those that are still on their way.
    `has_blocks`: it pushes and pulls blocks of columns.
    """

    name: str
    owner: int
    caller: Caller
    is_simple: bool = False
    own: bool = True
    has_blocks: bool = False
    session_ids: list[str] | None = None
    mirror: Mirror = field(default_factory=Mirror)
    older: Mirror = field(default_factory=Mirror)
    held: dict[str, dict[Key, Document]] = field(default_factory=dict)
    answered: list[Push] = field(default_factory=list)
    unanswered: Push | None = None
    waiting: list[Push] = field(default_factory=list)
    abandoned: list[str] = field(default_factory=list)
    late: list[Push] = field(default_factory=list)
    is_resyncing: bool = False
    operation: Operation | None = None

    @property
    def is_busy(self) -> bool:
        return self.operation is not None

    def question(self, page_size: int, max_readings: int) -> Document:
        """The body of its next pull."""
        asked: Document = {"page_size": page_size, "own": self.own}
        if self.has_blocks:
            asked["form"] = "columns"
        if self.session_ids is not None:
            asked["session_ids"] = self.session_ids
        if self.is_simple:
            mirror = self.mirror
            mirror.page_size = page_size if mirror.page == 1 else mirror.page_size
            return asked | {"last_sync_time": mirror.since, "page": mirror.page, "page_size": mirror.page_size}
        return asked | {"cursor": self.mirror.cursor, "max_readings": max_readings}

    def halve(self, push_ids: tuple[str, str]) -> None:
        """Gives up the push that was not answered, which may still arrive, for two smaller ones."""
        assert self.unanswered is not None
        self.late.append(self.unanswered)
        self.abandoned.append(self.unanswered.body["push_id"])
        self.unanswered, second = self.unanswered.halves(push_ids, list(self.abandoned))
        self.waiting.insert(0, second)

    def end_push(self) -> None:
        """What was unanswered is known to be stored, or refused; a second half is next."""
        self.abandoned.clear()
        self.unanswered = self.waiting.pop(0) if self.waiting else None

    def take_page(self, page: Document, keep_time: bool) -> None:
        """Applies a page, whole. Without `keep_time`, a simple pull keeps the time of an earlier page."""
        mirror = self.mirror
        mirror.store(page)
        for session_id in page["deleted"]:
            self.held.pop(session_id, None)
        if not self.is_simple:
            mirror.cursor = page["cursor"]
            return
        if keep_time or mirror.next_since is None:
            mirror.next_since = page["server_timestamp"]
        mirror.page += 1
        if not page["has_more"]:
            mirror.page, mirror.since, mirror.next_since = 1, mirror.next_since, None

    def take_reply(self, push: Push, reply: Document, is_first_answer: bool) -> None:
        """An acknowledgement. Of a push that was answered before, there is nothing to learn."""
        if reply.get("replayed") and not is_first_answer:
            return
        self.held.setdefault(push.session_id, {}).update(push.accepted())
        if not self.own:
            self.mirror.readings.setdefault(push.session_id, {}).update(push.accepted())

    def drop(self, session_id: str) -> None:
        self.mirror.drop(session_id)
        self.held.pop(session_id, None)
        self.waiting = [push for push in self.waiting if push.session_id != session_id]

    def resync(self) -> None:
        """The server was restored: forget what it said, except what is our own, and push that again."""
        since = self.mirror.since if self.is_simple else None
        self.mirror = Mirror(since=since)
        if not self.own:
            self.mirror.readings = copy.deepcopy(self.held)
        self.older = copy.deepcopy(self.mirror)
        self.is_resyncing = True

    def lacking(self) -> list[str]:
        """Sessions of which the server has more readings: of its own, after it forgot them."""
        return [
            session_id
            for session_id, session in self.mirror.sessions.items()
            if session["data_count"] > len(self.mirror.readings.get(session_id, {}))
        ]

    def holds(self) -> dict[str, tuple[Document, dict[Key, Document]]]:
        return {
            session_id: (session, self.mirror.readings.get(session_id, {}))
            for session_id, session in self.mirror.sessions.items()
        }
