"""Two devices that create, edit and delete records offline and sync in any order, with lost answers, and a model."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.support.aliases import Client, CreateUser, Db

pytestmark = [pytest.mark.sync, pytest.mark.api]

SQL = Path(__file__).parents[2] / "sql" / "diary"

Headers = dict[str, str]


class Device:
    """Holds records by id; `dirty` are those with a change that is not acknowledged (None: a deletion)."""

    def __init__(self, client: Client, headers: Headers) -> None:
        self._client, self._headers = client, headers
        self.records: dict[str, str] = {}
        self.dirty: dict[str, str | None] = {}
        self.cursor: str | None = None

    def put(self, record_id: str, what: str) -> None:
        self.records[record_id] = what
        self.dirty[record_id] = what

    def delete(self, record_id: str) -> None:
        del self.records[record_id]
        self.dirty[record_id] = None

    def sync(self, arrive: Callable[[dict[str, str | None]], None], *, is_answer_lost: bool, limit: int) -> bool:
        """Sends all changes. `arrive`: the model gets them. Returns has_more."""
        body = {
            "records": [
                {"record_id": key, "record_type": "food", "at": 1760000000000, "what": what}
                for key, what in self.dirty.items()
                if what is not None
            ],
            "deleted": [key for key, what in self.dirty.items() if what is None],
            "cursor": self.cursor,
            "limit": limit,
        }
        reply = self._client.post("/api/records/sync", json=body, headers=self._headers)
        assert reply.status_code == 200, reply.text
        arrive(self.dirty)
        if is_answer_lost:
            return True
        answer: dict[str, Any] = reply.json()
        self.dirty = {}
        self.records |= {record["record_id"]: record["what"] for record in answer["records"]}
        for record_id in answer["deleted"]:
            self.records.pop(record_id, None)
        self.cursor = answer["cursor"]
        return bool(answer["has_more"])


class Model:
    """What the server should hold: the last to arrive wins, a deletion is final."""

    def __init__(self) -> None:
        self.records: dict[str, str] = {}
        self.deleted: set[str] = set()

    def arrive(self, changes: dict[str, str | None]) -> None:
        for record_id, what in changes.items():
            if what is None:
                self.deleted.add(record_id)
                self.records.pop(record_id, None)
            elif record_id not in self.deleted:
                self.records[record_id] = what


_STEP = st.tuples(
    st.integers(0, 1),
    st.sampled_from(["create", "edit", "edit", "delete", "sync", "sync", "lost"]),
    st.integers(0, 5),
    st.integers(1, 3),
)
_HISTORY = st.lists(_STEP, min_size=12, max_size=25)


def run(client: Client, headers: Headers, history: list[tuple[int, str, int, int]]) -> None:
    model, devices = Model(), [Device(client, headers), Device(client, headers)]
    for number in range(3):
        devices[0].put(str(UUID(int=number)), f"국 {number}")
    for device in devices:
        device.sync(model.arrive, is_answer_lost=False, limit=10)
    for number, (who, action, which, limit) in enumerate(history):
        device = devices[who]
        known = sorted(device.records)
        if action == "create":
            device.put(str(UUID(int=100 + number)), f"밥 {number}")
        elif action in ("sync", "lost"):
            device.sync(model.arrive, is_answer_lost=action == "lost", limit=limit)
        elif known and action == "edit":
            device.put(known[which % len(known)], f"죽 {number}")
        elif known:
            device.delete(known[which % len(known)])
    for device in [*devices, *devices]:
        # As many pages as there can be records, so that a sync that never ends fails.
        assert any(not device.sync(model.arrive, is_answer_lost=False, limit=2) for _ in range(40))
    listed = client.get("/api/records/?limit=100", headers=headers).json()["records"]
    stored = [(record["record_id"], record["what"]) for record in listed]
    assert sorted(stored) == sorted(model.records.items())
    for device in devices:
        assert device.records == model.records


def histories(client: Client, create_user: CreateUser, examples: int) -> None:
    @settings(
        max_examples=examples, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(_HISTORY)
    def check(history: list[tuple[int, str, int, int]]) -> None:
        run(client, create_user()["headers"], history)

    check()


def test_devices_and_server_agree_in_the_end(client: Client, create_user: CreateUser) -> None:
    histories(client, create_user, 40)


BUGS = {
    "a deleted record comes back": ("put_records", "if _old.deleted_at is not null then", "if false then"),
    "a deletion is not logged": ("put_records", "_changed := _changed || _id;", "null;"),
    "a replaced record is not logged": (
        "put_records", "_changed := _changed || _new.record_id;",
        "if _old.record_id is null then _changed := _changed || _new.record_id; end if;",
    ),
    "a page leaves out the rest of a change": (
        "record_changes", "(c.change_no, c.entity_id) > (_change_no, _after)", "c.change_no > _change_no",
    ),
}  # fmt: skip


@pytest.mark.parametrize("bug", BUGS)
def test_planted_bugs_are_found(client: Client, create_user: CreateUser, db: Db, bug: str) -> None:
    name, right, wrong = BUGS[bug]
    text = (SQL / f"{name}.sql").read_text()
    assert text.count(right) == 1
    db.execute(text.replace(right, wrong).encode())
    try:
        with pytest.raises(AssertionError):
            histories(client, create_user, 60)
    finally:
        db.execute(text.encode())
