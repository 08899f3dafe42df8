"""What a push stores and what it answers."""

from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.support.aliases import Call, Db, Readings
from tests.support.databases import erase_deleted

pytestmark = [pytest.mark.api, pytest.mark.sync]


def counts(reply: dict[str, Any]) -> tuple[int, int, int, int]:
    """(inserted, updated, duplicates, errors), which must add up."""
    found = (reply["inserted"], reply["updated"], reply["duplicates"], reply["errors"])
    assert reply["total_records"] == sum(found)
    return found


def session_row(db: Db, *columns: str) -> Any:
    row = db.execute(f"select {', '.join(columns)} from app.recording_sessions").fetchone()  # type: ignore[call-overload]
    return row if len(columns) > 1 else row[0]


@pytest.mark.smoke
def test_push_new_session_stores_all_readings(push: Call, db: Db, sensor_data_batch: Readings) -> None:
    reply = push(sensor_data_batch)
    assert counts(reply) == (100, 0, 0, 0)
    assert reply["message"] == "Sync completed successfully"
    assert reply["session_id"] == "walk"
    assert reply["session_data_count"] == 100
    assert reply["rejected"] == []
    assert "replayed" not in reply
    assert db.execute("select count(*), min(x), max(z) from app.sensor_data").fetchone() == (100, 0, 9.8125)


def test_push_existing_session_adds_readings(push: Call, reading: Any) -> None:
    push([reading(0)])
    reply = push([reading(10), reading(20)])
    assert counts(reply) == (2, 0, 0, 0)
    assert reply["session_data_count"] == 3


def test_push_same_readings_again_are_duplicates(push: Call, sensor_data_batch: Readings, db: Db) -> None:
    push(sensor_data_batch)
    reply = push(sensor_data_batch)
    assert counts(reply) == (0, 0, 100, 0)
    assert reply["session_data_count"] == 100
    assert db.execute("select count(*) from app.sensor_data").fetchone() == (100,)


def test_push_same_readings_again_take_no_number(push: Call, sensor_data_batch: Readings) -> None:
    first = push(sensor_data_batch)
    assert push(sensor_data_batch)["server_timestamp"] == first["server_timestamp"]


def test_push_batch_with_equal_keys_keeps_the_last(push: Call, reading: Any, db: Db) -> None:
    reply = push([reading(0, x=1.0), reading(10, x=5.0), reading(0, x=2.0), reading(0, x=3.0)])
    assert counts(reply) == (2, 0, 2, 0)
    assert db.execute("select x from app.sensor_data order by recorded_at").fetchall() == [(3.0,), (5.0,)]


def test_push_batch_with_equal_keys_but_other_members_keeps_the_last(push: Call, reading: Any, db: Db) -> None:
    reply = push([reading(0, x=1.0, y=2.0), reading(0, z=3.0)])
    assert counts(reply) == (1, 0, 1, 0)
    assert db.execute("select x, y, z from app.sensor_data").fetchall() == [(None, None, 3.0)]


def test_push_changed_readings_are_updated(push: Call, reading: Any, db: Db) -> None:
    push([reading(0, x=1.0), reading(10, x=1.0)])
    reply = push([reading(0, x=1.0), reading(10, x=2.0), reading(20, x=3.0)])
    assert counts(reply) == (1, 1, 1, 0)
    assert db.execute("select x from app.sensor_data order by recorded_at").fetchall() == [(1.0,), (2.0,), (3.0,)]


def test_push_changed_reading_loses_what_it_no_longer_has(push: Call, reading: Any, db: Db) -> None:
    push([reading(0, x=1.0, label="up")])
    assert counts(push([reading(0, y=2.0)])) == (0, 1, 0, 0)
    assert db.execute("select x, y, extra from app.sensor_data").fetchone() == (None, 2.0, None)


def test_push_same_time_of_two_sensors_are_two_readings(push: Call, reading: Any) -> None:
    assert counts(push([reading(0, "accelerometer"), reading(0, "gyroscope")])) == (2, 0, 0, 0)


def test_push_same_session_id_of_two_users_are_two_sessions(push: Call, reading: Any, create_user: Call) -> None:
    push([reading(0, x=1.0)])
    reply = push([reading(0, x=2.0)], headers=create_user("stranger")["headers"])
    assert counts(reply) == (1, 0, 0, 0)
    assert reply["session_data_count"] == 1


@pytest.mark.parametrize("size", [10_000, 50_000])
def test_push_large_batch_is_stored_whole(push: Call, db: Db, size: int, reading: Any) -> None:
    reply = push(reading(index, x=index / 8) for index in range(size))
    assert counts(reply) == (size, 0, 0, 0)
    assert db.execute("select count(*), sum(x) from app.sensor_data").fetchone() == (size, size * (size - 1) / 16)


def test_push_above_the_most_readings_is_413_and_stores_nothing(push: Call, db: Db, reading: Any) -> None:
    reply = push((reading(index) for index in range(50_001)), status=413)
    assert reply["type"] == "urn:koodtx:problem:too-large"
    assert db.execute("select count(*) from app.recording_sessions").fetchone() == (0,)
    assert db.execute("select count(*) from app.sensor_data").fetchone() == (0,)


def test_push_empty_list_makes_the_session(push: Call, pull: Call) -> None:
    reply = push([])
    assert counts(reply) == (0, 0, 0, 0)
    assert [session["session_id"] for session in pull()["sessions"]] == ["walk"]


def test_push_without_sensor_data_makes_the_session(client: TestClient[Litestar], auth_headers: dict[str, str]) -> None:
    body = {"session": {"session_id": "walk", "start_time": "2025-10-09T08:53:20Z"}}
    reply = client.post("/api/sync/push", json=body, headers=auth_headers)
    assert reply.status_code == 200
    assert counts(reply.json()) == (0, 0, 0, 0)


def test_push_session_fields_sent_again_overwrite(push: Call, pull: Call) -> None:
    start = "2025-10-09T08:00:00Z"
    push(notes="first", sample_rate=50, enabled_sensors=["accelerometer"], start_time=start, units={"a": "g", "b": "g"})
    start = "2025-10-09T07:00:00+09:00"
    push(notes="second", sample_rate=100.5, enabled_sensors={"gps": True}, start_time=start, units={"a": "m/s2"})
    (session,) = pull()["sessions"]
    assert session["notes"] == "second"
    assert session["sample_rate"] == 100.5
    assert session["enabled_sensors"] == {"gps": True}
    assert session["units"] == {"a": "m/s2"}
    assert session["start_time"] == "2025-10-08T22:00:00Z"


def test_push_session_fields_absent_stay(push: Call, pull: Call) -> None:
    end = "2025-10-09T09:00:00Z"
    push(notes="kept", sample_rate=50, enabled_sensors=["accelerometer"], end_time=end, units={"accelerometer": "g"})
    push()
    (session,) = pull()["sessions"]
    assert session["units"] == {"accelerometer": "g"}
    assert (session["notes"], session["sample_rate"]) == ("kept", 50)
    assert session["enabled_sensors"] == ["accelerometer"]
    assert session["end_time"] == "2025-10-09T09:00:00Z"
    assert session["is_uploaded"] is True


def test_push_session_fields_null_erase(push: Call, pull: Call) -> None:
    end = "2025-10-09T09:00:00Z"
    push(notes="gone soon", sample_rate=50, enabled_sensors=["accelerometer"], end_time=end, units={"a": "g"})
    push(notes=None, sample_rate=None, enabled_sensors=None, end_time=None, units=None)
    (session,) = pull()["sessions"]
    assert (session["notes"], session["sample_rate"], session["end_time"]) == (None, None, None)
    assert session["enabled_sensors"] is None
    assert "units" not in session
    assert session["is_active"] is True
    assert session["is_uploaded"] is False


def test_push_unknown_session_fields_change_nothing(push: Call, db: Db) -> None:
    push(
        id=77,
        user_id=99,
        change_no=5,
        data_count=9,
        deleted_at="2025-10-09T09:00:00Z",
        closed_by_server_at="2025-10-09T09:00:00Z",
        device_key=2,
        device_id="another",
    )
    assert session_row(db, "data_count", "deleted_at", "closed_by_server_at", "change_no") == (0, None, None, 1)
    assert session_row(db, "device_key") == 1


def test_push_time_as_milliseconds_equals_the_same_time_as_text(push: Call, pull: Call) -> None:
    push(start_time=1_760_000_000_000.25)
    assert pull()["sessions"][0]["start_time"] == "2025-10-09T08:53:20.000250Z"


def test_push_end_time_ends_the_session(push: Call, pull: Call) -> None:
    push()
    assert pull()["sessions"][0]["is_active"] is True
    push(end_time="2025-10-09T09:00:00Z")
    assert pull()["sessions"][0]["is_active"] is False


def test_push_is_uploaded_follows_end_time(push: Call, db: Db) -> None:
    push()
    assert session_row(db, "is_uploaded") is False
    push(end_time="2025-10-09T09:00:00Z")
    assert session_row(db, "is_uploaded") is True


def test_push_is_uploaded_sent_wins_over_end_time(push: Call, db: Db) -> None:
    push(end_time="2025-10-09T09:00:00Z", is_uploaded=False)
    assert session_row(db, "is_uploaded") is False
    push(is_uploaded=True, end_time=None)
    assert session_row(db, "is_uploaded") is True


def test_push_readings_reopen_a_session_that_the_server_closed(push: Call, db: Db, reading: Any) -> None:
    push([reading(0)])
    db.execute("update app.recording_sessions set end_time = now(), closed_by_server_at = now()")
    push([reading(10)])
    assert session_row(db, "end_time", "closed_by_server_at") == (None, None)


def test_push_duplicates_do_not_reopen_a_session_that_the_server_closed(push: Call, db: Db, reading: Any) -> None:
    push([reading(0)])
    db.execute("update app.recording_sessions set end_time = now(), closed_by_server_at = now()")
    push([reading(0)])
    assert session_row(db, "closed_by_server_at") is not None


def test_push_readings_leave_a_session_ended_that_its_owner_ended(push: Call, db: Db, reading: Any) -> None:
    push([reading(0)], end_time="2025-10-09T09:00:00Z")
    push([reading(10)])
    assert session_row(db, "end_time") is not None


def test_push_keeps_first_and_last_time_of_the_readings(push: Call, db: Db, reading: Any) -> None:
    push([reading(5000)])
    push([reading(0, "gyroscope"), reading(9000)])
    first, last = session_row(db, "first_reading_at", "last_reading_at")
    assert (first.timestamp(), last.timestamp()) == (1_760_000_000, 1_760_000_009)


def test_push_server_timestamp_rises_with_each_change(push: Call, reading: Any) -> None:
    times = [push([reading(index)])["server_timestamp"] for index in range(20)]
    assert times == sorted(set(times))


def test_push_to_a_deleted_session_is_410(
    push: Call, client: TestClient[Litestar], auth_headers: dict[str, str], reading: Any
) -> None:
    push([reading(0)])
    assert client.delete("/api/sessions/walk", headers=auth_headers).status_code == 204
    assert push([reading(10)], status=410)["type"] == "urn:koodtx:problem:session-deleted"


def test_push_to_a_deleted_session_stores_nothing(
    push: Call, client: TestClient[Litestar], auth_headers: dict[str, str], reading: Any, db: Db
) -> None:
    push([reading(0)])
    client.delete("/api/sessions/walk", headers=auth_headers)
    push([reading(10)], status=410)
    erase_deleted(db)
    assert session_row(db, "data_count", "start_time") == (0, None)
    assert db.execute("select count(*) from app.sensor_data").fetchone() == (0,)


def test_push_that_failed_leaves_a_log_row(push: Call, db: Db) -> None:
    push(start_time="1969-07-20T20:17:40Z", status=422)
    row = db.execute("select sync_type, status, error from app.sync_logs").fetchone()
    assert row == ("push", "failed", "invalid")


def test_push_to_a_deleted_session_leaves_a_log_row(
    push: Call, client: TestClient[Litestar], auth_headers: dict[str, str], db: Db
) -> None:
    push()
    client.delete("/api/sessions/walk", headers=auth_headers)
    push(status=410)
    row = db.execute("select error from app.sync_logs where status = 'failed'").fetchone()
    assert row == ("session-deleted",)


def test_push_logs_its_counts(push: Call, db: Db, reading: Any) -> None:
    push([reading(0), reading(0), {"sensor_type": "gps"}])
    row = db.execute(
        "select sync_type, status, total_records, inserted_count, duplicate_count, error_count, sensor_types"
        " from app.sync_logs"
    ).fetchone()
    assert row == ("push", "success", 3, 1, 1, 1, ["accelerometer"])
