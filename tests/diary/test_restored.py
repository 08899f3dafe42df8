"""A server that was restored to an earlier state, and devices that do what docs/diary.md says."""

from typing import Any
from uuid import uuid4

import msgspec
import pytest

from koodtx.settings import Settings
from tests.support.aliases import Call, Db

pytestmark = [pytest.mark.api, pytest.mark.sync]

_TABLES = ("diary_records", "changes", "change_sequences")


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Readings may be a month old, which all records here are not."""
    return msgspec.structs.replace(settings, max_age_days=30)


def food(what: str) -> dict[str, Any]:
    return {"record_id": str(uuid4()), "record_type": "food", "at": "2000-01-01T00:00:00Z", "what": what}


class Device:
    """Holds records as the server gave them, and the ids of deleted ones."""

    def __init__(self, ask: Call) -> None:
        self._ask = ask
        self.records: dict[str, dict[str, Any]] = {}
        self.deleted: set[str] = set()
        self.cursor: str | None = None

    def sync(self, **changes: Any) -> None:
        reply = self._ask("POST", "/sync", json=changes | {"cursor": self.cursor})
        assert not reply["has_more"]
        self.records |= {record["record_id"]: record for record in reply["records"]}
        self._forget(reply["deleted"])
        self.cursor = reply["cursor"]

    def resync(self) -> None:
        self._ask("POST", "/sync", json={"cursor": self.cursor}, status=410)
        had, had_deleted = self.records, self.deleted
        self.records, self.deleted, self.cursor = {}, set(), None
        self.sync()
        lost = [
            record
            for key, record in had.items()
            if key not in self.deleted
            and (key not in self.records or self.records[key]["updated_at"] < record["updated_at"])
        ]
        self.sync(records=lost, deleted=list(had_deleted - self.deleted))

    def _forget(self, deleted: list[str]) -> None:
        self.deleted |= set(deleted)
        for record_id in deleted:
            self.records.pop(record_id, None)


def test_devices_bring_back_what_a_restore_lost_and_no_old_record_replaces_a_later_one(ask: Call, db: Db) -> None:
    one, other, offline = Device(ask), Device(ask), Device(ask)
    edited, edited_later, dropped = food("국"), food("죽"), food("밥")
    one.sync(records=[edited, edited_later, dropped])
    other.sync()
    offline.sync()
    other.sync(records=[edited | {"what": "국수"}])
    for table in _TABLES:
        db.execute(f"create temporary table kept_{table} as select * from app.{table}".encode())
    made = food("김밥")
    one.sync(records=[made], deleted=[dropped["record_id"]])
    other.sync(records=[edited_later | {"what": "만두"}])
    for table in _TABLES:
        db.execute(f"delete from app.{table}".encode())
        db.execute(f"insert into app.{table} select * from kept_{table}".encode())
    db.execute("select app.renew_sync_epoch(true)")

    devices = (offline, one, other)
    for device in devices:
        device.resync()
    for device in devices:
        device.sync()

    expected = {edited["record_id"]: "국수", edited_later["record_id"]: "만두", made["record_id"]: "김밥"}
    assert {record["record_id"]: record["what"] for record in ask("GET", "/")["records"]} == expected
    for device in devices:
        assert {key: record["what"] for key, record in device.records.items()} == expected


def test_a_record_older_than_readings_may_be_is_edited(ask: Call) -> None:
    new = food("국")
    ask("POST", "/", json=new)
    assert ask("PATCH", f"/{new['record_id']}", json={"what": "죽"})["what"] == "죽"
