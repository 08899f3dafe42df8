"""The sync of records: cursors, pages, restores."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest

from tests.support.aliases import Call, CreateUser, Db
from tests.support.databases import value
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.api, pytest.mark.sync]


def food(**fields: Any) -> dict[str, Any]:
    return {"record_id": str(uuid4()), "record_type": "food", "at": 1760000000000, "what": "국"} | fields


def test_a_device_gets_what_another_changed(ask: Call) -> None:
    first, second = food(), food()
    one = ask("POST", "/sync", json={"records": [first, second]})
    assert {record["record_id"] for record in one["records"]} == {first["record_id"], second["record_id"]}
    other = ask("POST", "/sync", json={"records": [first | {"what": "죽"}], "deleted": [second["record_id"]]})
    assert [record["what"] for record in other["records"]] == ["죽"]
    seen = ask("POST", "/sync", json={"cursor": one["cursor"]})
    assert [record["what"] for record in seen["records"]] == ["죽"]
    assert seen["deleted"] == [second["record_id"]]
    again = ask("POST", "/sync", json={"cursor": seen["cursor"]})
    assert (again["records"], again["deleted"], again["has_more"]) == ([], [], False)


def test_a_record_sent_after_its_deletion_is_in_deleted(ask: Call) -> None:
    new = food()
    cursor = ask("POST", "/sync", json={"deleted": [new["record_id"]]})["cursor"]
    reply = ask("POST", "/sync", json={"records": [new], "cursor": cursor})
    assert (reply["records"], reply["deleted"]) == ([], [new["record_id"]])


def test_of_two_changes_in_one_request_the_later_stays(ask: Call) -> None:
    new = food()
    reply = ask("POST", "/sync", json={"records": [new, new | {"what": "죽"}, new | {"what": "밥"}]})
    assert [record["what"] for record in reply["records"]] == ["밥"]


def test_pages_bring_each_record_once_though_some_change_meanwhile(ask: Call) -> None:
    records = [food() for _ in range(7)]
    page = ask("POST", "/sync", json={"records": records, "limit": 2})
    found = {record["record_id"]: record["what"] for record in page["records"]}
    changed = records[0] | {"what": "죽"}
    ask("POST", "/", json=changed)
    while page["has_more"]:
        page = ask("POST", "/sync", json={"cursor": page["cursor"], "limit": 2})
        found |= {record["record_id"]: record["what"] for record in page["records"]}
    assert found == {one["record_id"]: one["what"] for one in [*records, changed]}


def test_a_restored_server_answers_resync_and_stores_nothing(ask: Call, db: Db) -> None:
    cursor = ask("POST", "/sync", json={"records": [food()]})["cursor"]
    db.execute("delete from app.diary_records")
    db.execute("update app.change_sequences set change_no = change_no - 1")
    reply = ask("POST", "/sync", json={"records": [food()], "cursor": cursor}, status=410)
    assert reply["type"] == "urn:koodtx:problem:resync"
    assert ask("GET", "/")["records"] == []


def test_cursors_of_others_and_of_other_lists_are_refused(ask: Call, pull: Call, create_user: CreateUser) -> None:
    cursor = ask("POST", "/sync", json={})["cursor"]
    other = create_user("other")["headers"]
    reply = ask("POST", "/sync", json={"cursor": cursor}, headers=other, status=422)
    assert reply["errors"][0]["field"] == "cursor"
    for wrong in (pull(cursor=None)["cursor"], "x", cursor[:-2]):
        ask("POST", "/sync", json={"cursor": wrong}, status=400)


def test_while_a_session_is_measured_other_devices_sync(ask: Call, db: Db) -> None:
    """The distance of a long session takes seconds."""
    new = {"record_id": str(uuid4()), "record_type": "exercise", "at": 1760000000000, "activity": "run"}
    ask("POST", "/", json=new | {"session_id": "run"})
    with ThreadPoolExecutor(3) as threads:
        with db.transaction():
            db.execute("lock table app.recording_sessions in access exclusive mode")
            measured = [
                threads.submit(ask, "POST", "/", json=new | {"session_id": "walk"}),
                threads.submit(ask, "PATCH", f"/{new['record_id']}", json={"activity": "walk"}),
            ]
            waiting = (
                "select count(*) from pg_locks where not granted and relation = 'app.recording_sessions'::regclass"
            )
            wait_until(lambda: value(db, waiting) == len(measured))
            synced = threads.submit(ask, "POST", "/sync", json={"records": [food()]}).result(timeout=20)
        assert len(synced["records"]) == 2
        assert [one.result(timeout=20)["from_session"] for one in measured] == [None, None]


def test_too_many_changes_are_422(ask: Call) -> None:
    reply = ask("POST", "/sync", json={"records": [food() for _ in range(101)]}, status=422)
    assert reply["errors"][0]["field"] == "records"
