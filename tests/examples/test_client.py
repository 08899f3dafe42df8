"""The reference phone, case by case."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from client import Phone, Refused
from litestar import Litestar
from litestar.testing import TestClient

from tests.examples.checked_transport import CheckedTransport
from tests.support.column_blocks import expanded
from tests.support.settings import PASSWORD
from tests.sync.histories.model import Model

pytestmark = [pytest.mark.sync, pytest.mark.integration]

BASE_MS = 1_792_000_000_000
START = "2026-10-01T00:00:00Z"

Open = Callable[..., Phone]


@pytest.fixture
def transport(client: TestClient[Litestar]) -> CheckedTransport:
    return CheckedTransport(Model(), client._transport)


@pytest.fixture
def open_phone(transport: CheckedTransport, client: TestClient[Litestar], tmp_path: Path) -> Iterator[Open]:
    """Opens the store of a phone of one account; the first makes the account."""
    phones: list[Phone] = []

    def open_phone(name: str = "phone", **options: Any) -> Phone:
        http = httpx.Client(transport=transport, base_url=str(client.base_url))
        phone = Phone(http, tmp_path / f"{name}.db", name, **options)
        phone.connection.first_wait_s = 0.001
        if not phones:
            phone.register("mina", "mina@example.org", PASSWORD)
        elif not phone.store.state("refresh_token"):
            phone.login("mina@example.org", PASSWORD)
        phones.append(phone)
        return phone

    yield open_phone
    for phone in phones:
        phone.close()


def record(phone: Phone, count: int, **data: Any) -> None:
    phone.begin_session("walk", START)
    phone.record_many("walk", [("a", BASE_MS + at, data or {"x": at / 4}) for at in range(count)])


def test_what_one_phone_records_another_pulls(open_phone: Open) -> None:
    phone, tablet = open_phone(), open_phone("tablet")
    record(phone, 10)
    phone.change_session("walk", end_time="2026-10-01T01:00:00Z", notes="at the river")
    assert phone.push() == {"inserted": 10, "updated": 0, "duplicates": 0, "errors": 0}
    tablet.pull()
    assert tablet.readings("walk") == [("a", BASE_MS + at, {"x": at / 4}) for at in range(10)]
    [session] = tablet.sessions()
    assert (session["notes"], session["is_active"], session["data_count"]) == ("at the river", False, 10)


def test_nothing_to_push_sends_nothing(open_phone: Open, transport: CheckedTransport) -> None:
    phone = open_phone()
    record(phone, 1)
    phone.push()
    phone.push()
    assert len(transport.pushes) == 1


def test_batches_are_bounded(open_phone: Open, transport: CheckedTransport) -> None:
    phone = open_phone(batch_size=4)
    record(phone, 10)
    phone.push()
    assert [len(expanded(body["sensor_data"])) for body in transport.pushes] == [4, 4, 2]


def test_readings_travel_in_blocks_of_the_same_keys(open_phone: Open, transport: CheckedTransport) -> None:
    phone, tablet = open_phone(), open_phone("tablet")
    record(phone, 5)
    phone.record_many("walk", [("g", BASE_MS + at / 8, {"x": at, "label": "a"}) for at in range(5)])
    phone.record("walk", "a", BASE_MS + 9, {"note": "alone"})
    phone.push()
    [body] = transport.pushes
    assert [("timestamps" in item, item["sensor_type"]) for item in body["sensor_data"]] == [
        (True, "a"),
        (False, "a"),
        (True, "g"),
    ]
    tablet.pull()
    assert tablet.readings("walk") == phone.readings("walk")


def test_a_server_that_offers_no_blocks_gets_readings_one_by_one(open_phone: Open, transport: CheckedTransport) -> None:
    transport.hides_forms = True
    phone = open_phone()
    record(phone, 3)
    assert phone.push()["inserted"] == 3
    assert ["timestamp" in item for item in transport.pushes[0]["sensor_data"]] == [True] * 3


def test_a_push_whose_reply_is_lost_is_sent_again_byte_for_byte(open_phone: Open, transport: CheckedTransport) -> None:
    phone = open_phone()
    record(phone, 3)
    transport.faults = ["reply lost", "request lost"]
    assert phone.push()["inserted"] == 3
    assert len(transport.pushes) == 2
    assert transport.pushes[0] == transport.pushes[1]


def test_a_push_goes_on_after_a_crash(open_phone: Open, transport: CheckedTransport) -> None:
    phone = open_phone(attempts=1)
    record(phone, 3)
    transport.faults = ["reply lost"]
    with pytest.raises(httpx.ReadError):
        phone.push()
    phone.close()
    again = open_phone()
    again.record("walk", "a", BASE_MS, {"x": 9.0})
    assert again.push() == {"inserted": 3, "updated": 1, "duplicates": 0, "errors": 0}
    assert transport.pushes[0] == transport.pushes[1]
    assert again.readings("walk")[0][2] == {"x": 9.0}


def test_attempts_end(open_phone: Open, transport: CheckedTransport) -> None:
    phone = open_phone(attempts=3)
    record(phone, 1)
    transport.faults = ["request lost"] * 3
    with pytest.raises(httpx.ConnectError):
        phone.push()
    assert phone.push()["inserted"] == 1


@pytest.mark.parametrize("status", ["429", "503"])
def test_retry_after_is_waited_for(open_phone: Open, transport: CheckedTransport, status: str) -> None:
    phone = open_phone()
    record(phone, 1)
    transport.faults = [status]
    began = time.monotonic()
    assert phone.push()["inserted"] == 1
    assert time.monotonic() - began >= 1


def test_an_expired_access_token_is_renewed(open_phone: Open) -> None:
    phone = open_phone()
    with phone.store.db:
        phone.store.set_state("access_token", "expired")
    record(phone, 1)
    assert phone.push()["inserted"] == 1


def test_refused_readings_are_reported_and_dropped(open_phone: Open) -> None:
    phone = open_phone()
    record(phone, 2)
    phone.record("walk", "", BASE_MS, {"x": 1.0})
    assert phone.push()["errors"] == 1
    [rejected] = phone.rejected
    assert (rejected["code"], rejected["timestamp"], rejected["session_id"]) == ("invalid", BASE_MS, "walk")
    assert phone.push() == {}


def test_more_refused_readings_than_a_reply_names(open_phone: Open) -> None:
    phone = open_phone()
    record(phone, 2)
    phone.record_many("walk", [("", at, {"x": 1.0}) for at in range(250)])
    phone.push()
    assert {rejected["timestamp"] for rejected in phone.rejected} == set(range(250))
    assert len(phone.readings("walk")) == 2


def test_late_readings_of_an_archived_day_are_dropped(
    open_phone: Open, client: TestClient[Litestar], db: psycopg.Connection[Any]
) -> None:
    phone = open_phone()
    record(phone, 2)
    phone.push()
    db.execute("select app.archive_readings(id) from app.recording_sessions")
    # The wire's model knows nothing of archives.
    phone.connection.http = httpx.Client(transport=client._transport, base_url=str(client.base_url))
    # More than a reply names, at once.
    phone.record_many("walk", [("a", BASE_MS + 5 + at, {"x": 1.0}) for at in range(300)])
    assert phone.push()["errors"] == 300
    assert [rejected["code"] for rejected in phone.rejected] == ["archived"] * 300
    assert phone.push() == {}
    assert len(phone.readings("walk")) == 2


def test_what_was_archived_is_not_asked_for_again(open_phone: Open, db: psycopg.Connection[Any]) -> None:
    phone, tablet = open_phone(), open_phone("tablet")
    record(phone, 2)
    phone.push()
    db.execute("select app.archive_readings(id) from app.recording_sessions")
    for _ in range(2):
        tablet.pull(own=False)
    # A pull that delivers nothing writes no row.
    assert db.execute("select count(*) from app.sync_logs where sync_type = 'pull'").fetchone() == (1,)


def test_a_session_that_is_wrong_can_be_fixed(open_phone: Open) -> None:
    phone = open_phone()
    record(phone, 2)
    phone.change_session("walk", sample_rate=-1)
    with pytest.raises(Refused) as refused:
        phone.push()
    assert refused.value.status == 422
    phone.change_session("walk", sample_rate=100)
    assert phone.push()["inserted"] == 2


def test_a_session_deleted_elsewhere_is_dropped(open_phone: Open) -> None:
    phone, tablet = open_phone(), open_phone("tablet")
    record(phone, 2)
    phone.push()
    tablet.delete_session("walk")
    record(phone, 4)
    assert phone.push() == {}
    assert phone.readings("walk") == []
    with pytest.raises(KeyError):
        phone.record("walk", "a", BASE_MS, {})


def test_without_own_gets_what_others_pushed(open_phone: Open) -> None:
    phone, tablet = open_phone(), open_phone("tablet")
    record(phone, 3)
    phone.push()
    tablet.begin_session("walk", START)
    tablet.record("walk", "a", BASE_MS, {"x": 7.0})
    tablet.push()
    pages: list[Any] = []
    phone.pull(own=False, on_page=lambda page: pages.append(page))
    tablet.pull()
    assert phone.readings("walk") == tablet.readings("walk")
    assert phone.readings("walk")[0][2] == {"x": 7.0}


def test_an_app_installed_again_gets_its_own_back(open_phone: Open, tmp_path: Path) -> None:
    phone = open_phone()
    record(phone, 3)
    phone.push()
    held = phone.readings("walk")
    phone.close()
    (tmp_path / "phone.db").unlink()
    reinstalled = open_phone()
    reinstalled.pull(own=False)
    assert reinstalled.readings("walk") == held


@pytest.mark.parametrize("own", [True, False])
def test_after_a_restore_all_is_pulled_and_pushed_again(
    open_phone: Open, transport: CheckedTransport, db: psycopg.Connection[Any], own: bool
) -> None:
    phone = open_phone()
    record(phone, 3)
    phone.push()
    phone.pull(own=own)
    db.execute("select app.renew_sync_epoch(true)")
    # What a restore to a time before the push would leave.
    db.execute("delete from app.sensor_data")
    db.execute("delete from app.reading_changes")
    db.execute("delete from app.pushes")
    db.execute("delete from app.recording_sessions")
    transport.model = Model()
    phone.pull(own=own)
    assert len(transport.model.sessions["walk"].readings) == 3
    phone.pull(own=own)
    assert len(phone.readings("walk")) == 3


def test_after_a_restore_a_reading_that_is_rejected_is_not_kept(open_phone: Open, db: psycopg.Connection[Any]) -> None:
    """Recorded before the restore was noticed, it goes out for the first time with all the rest."""
    phone = open_phone()
    record(phone, 1)
    phone.push()
    phone.pull()
    db.execute("select app.renew_sync_epoch(true)")
    phone.record("walk", "", BASE_MS, {"x": 1.0})
    phone.pull()
    assert phone.readings("walk") == [("a", BASE_MS, {"x": 0.0})]
    assert [item["code"] for item in phone.rejected] == ["invalid"]


@pytest.mark.parametrize("fault", ["408", "413", "timeout", "late"])
def test_a_batch_that_does_not_get_through_is_halved(open_phone: Open, transport: CheckedTransport, fault: str) -> None:
    phone = open_phone()
    record(phone, 8)
    transport.faults = [fault, fault]
    counts = phone.push()
    assert counts["inserted"] + counts["duplicates"] == 8
    assert len(phone.readings("walk")) == 8
    last = [body for body in transport.pushes if len(expanded(body["sensor_data"])) <= 2]
    assert len(last[0]["replaces"]) == 2
    assert ["replaces" in body for body in last[1:]] == [False] * len(last[1:])
    assert transport.deliver_late() == ([409, 409] if fault == "late" else [])


def test_a_push_that_is_late_overwrites_nothing(open_phone: Open, transport: CheckedTransport) -> None:
    phone = open_phone()
    record(phone, 4)
    transport.faults = ["late"]
    phone.push()
    phone.record("walk", "a", BASE_MS, {"x": 7.0})
    phone.push()
    assert transport.deliver_late() == [409]
    phone.pull()
    assert phone.readings("walk")[0][2] == {"x": 7.0}


def test_halving_goes_on_after_a_crash(open_phone: Open, transport: CheckedTransport) -> None:
    phone = open_phone(attempts=1)
    record(phone, 4)
    transport.faults = ["late"]
    with pytest.raises(httpx.ReadTimeout):
        phone.push()
    phone.close()
    again = open_phone()
    assert again.push()["inserted"] == 4
    assert len(transport.pushes[0]["replaces"]) == 1
    assert transport.deliver_late() == [409]


def test_a_batch_that_another_one_replaces_is_forgotten(open_phone: Open, transport: CheckedTransport) -> None:
    """As of a phone that was restored from its own backup."""
    phone = open_phone(attempts=1)
    record(phone, 4)
    transport.faults = ["request lost"]
    with pytest.raises(httpx.ConnectError):
        phone.push()
    batch = phone._rows("select * from batch")
    marked = phone._rows("select push_id from recorded")
    transport.faults = ["late"]
    with pytest.raises(httpx.ReadTimeout):
        phone.push()
    assert phone.push()["inserted"] == 4
    with phone.store.db:
        phone.store.db.execute("insert into batch values (?, ?, ?)", batch[0])
        phone.store.db.execute("update recorded set is_acknowledged = 0, push_id = ?", marked[0])
    assert phone.push() == {"inserted": 0, "updated": 0, "duplicates": 4, "errors": 0}
