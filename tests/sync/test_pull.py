"""What a pull sends."""

from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.support.aliases import Call, Db
from tests.support.requests import bearer

pytestmark = [pytest.mark.api, pytest.mark.sync]


def ids(reply: dict[str, Any]) -> list[str]:
    return [session["session_id"] for session in reply["sessions"]]


def offsets(session: dict[str, Any]) -> list[float]:
    """Times of a session's readings, milliseconds after the start of the tests' recordings."""
    return [item["timestamp"] - 1_760_000_000_000 for item in session["sensor_data"]]


@pytest.mark.smoke
def test_pull_gives_what_was_pushed(push: Call, pull: Call, sensor_data_batch: list[dict[str, Any]]) -> None:
    push(sensor_data_batch, end_time="2025-10-09T09:00:00Z", notes="round the lake", sample_rate=100)
    reply = pull()
    (session,) = reply["sessions"]
    assert session["sensor_data"] == sensor_data_batch
    assert session["data_count"] == 100
    assert session["notes"] == "round the lake"
    assert session["sample_rate"] == 100
    assert session["start_time"] == "2025-10-09T08:53:20Z"
    assert session["end_time"] == "2025-10-09T09:00:00Z"
    assert (session["is_active"], session["is_uploaded"], session["is_complete"]) == (False, True, True)
    assert (reply["total"], reply["has_more"], reply["page"], reply["page_size"]) == (1, False, 1, 50)
    assert reply["deleted"] == []


def test_pull_gives_sensor_data_of_all_sensors(push: Call, pull: Call, gps_sensor_data: list[dict[str, Any]]) -> None:
    light = {"sensor_type": "light", "timestamp": 1_760_000_000_000.5, "data": {"lux": 12}}
    push([light, *gps_sensor_data])
    found = pull()["sessions"][0]["sensor_data"]
    assert sorted(found, key=str) == sorted([light, *gps_sensor_data], key=str)


def test_pull_without_sessions_is_empty(pull: Call) -> None:
    reply = pull()
    assert (reply["sessions"], reply["deleted"], reply["total"], reply["has_more"]) == ([], [], 0, False)


def test_pull_that_delivers_nothing_writes_no_log(push: Call, pull: Call, db: Db) -> None:
    push()
    cursor = pull(cursor=None)["cursor"]
    written = db.execute("select count(*) from app.sync_logs").fetchone()
    assert pull(cursor=cursor)["sync_log_id"] is None
    assert db.execute("select count(*) from app.sync_logs").fetchone() == written


def test_pull_that_delivers_writes_a_log(push: Call, pull: Call, reading: Any, db: Db) -> None:
    push([reading(0), reading(10)])
    log_id = pull()["sync_log_id"]
    query = "select sync_type, status, total_records, data_bytes > 100 from app.sync_logs where id = %s"
    assert db.execute(query, [log_id]).fetchone() == ("pull", "success", 2, True)


def test_pull_that_failed_leaves_a_log_row(pull: Call, db: Db) -> None:
    pull(cursor="x", status=400)
    assert db.execute("select sync_type, status, error from app.sync_logs").fetchone() == (
        "pull",
        "failed",
        "cursor-invalid",
    )


def test_pull_after_last_sync_time_gives_changed_sessions_only(push: Call, pull: Call, reading: Any) -> None:
    push([reading(0)], "old")
    since = pull()["server_timestamp"]
    push([reading(0)], "new")
    assert ids(pull(last_sync_time=since)) == ["new"]


def test_pull_after_last_sync_time_gives_changed_readings_only(push: Call, pull: Call, reading: Any) -> None:
    push([reading(0), reading(10)])
    since = pull()["server_timestamp"]
    push([reading(1000), reading(1010)])
    (session,) = pull(last_sync_time=since)["sessions"]
    assert offsets(session) == [1000, 1010]
    assert session["data_count"] == 4


def test_pull_after_last_sync_time_gives_updated_readings(push: Call, pull: Call, reading: Any) -> None:
    push([reading(0, x=1.0), reading(10, x=1.0)])
    since = pull()["server_timestamp"]
    push([reading(10, x=2.0)])
    (session,) = pull(last_sync_time=since)["sessions"]
    assert [item["data"] for item in session["sensor_data"]] == [{"x": 2.0}]


def test_pull_after_last_sync_time_with_nothing_new_is_empty(push: Call, pull: Call, reading: Any) -> None:
    push([reading(0)])
    since = pull()["server_timestamp"]
    reply = pull(last_sync_time=since)
    assert reply["sessions"] == []
    assert reply["server_timestamp"] == since


def test_pull_after_the_time_a_push_answered_gives_nothing_of_it(push: Call, pull: Call, reading: Any) -> None:
    since = push([reading(0)])["server_timestamp"]
    assert ids(pull(last_sync_time=since)) == []


def test_pull_duplicates_pushed_again_are_not_sent_again(push: Call, pull: Call, reading: Any) -> None:
    push([reading(0)])
    since = pull()["server_timestamp"]
    push([reading(0)])
    assert ids(pull(last_sync_time=since)) == []


@pytest.mark.parametrize(
    "since", ["2020-01-01T00:00:00Z", "2012-01-01T00:00:00+09:00", 1_500_000_000_000, 0, "1970-01-01T00:00:00Z"]
)
def test_pull_after_a_time_before_this_generation_gives_everything(
    push: Call, pull: Call, reading: Any, since: Any
) -> None:
    push([reading(0)])
    assert ids(pull(last_sync_time=since)) == ["walk"]


def test_pull_after_a_time_that_never_was_gives_everything(push: Call, pull: Call, reading: Any, db: Db) -> None:
    push([reading(0)])
    row = db.execute("select changed_at + interval '1 minute' from app.change_sequences").fetchone()
    assert row is not None
    assert ids(pull(last_sync_time=row[0].isoformat())) == ["walk"]


@pytest.mark.parametrize("since", ["2025-10-09T08:53:20", "yesterday", True, [], {}])
def test_pull_after_what_is_no_time_is_422(pull: Call, since: Any) -> None:
    assert [error["field"] for error in pull(last_sync_time=since, status=422)["errors"]] == ["last_sync_time"]


def test_pull_chosen_sessions_only(push: Call, pull: Call) -> None:
    for name in ("one", "two", "three"):
        push((), name)
    reply = pull(session_ids=["three", "one", "missing"])
    assert ids(reply) == ["one", "three"]
    assert reply["total"] == 2


def test_pull_of_no_chosen_session_is_empty(push: Call, pull: Call) -> None:
    push()
    assert ids(pull(session_ids=[])) == []


def test_pull_never_gives_another_users_session(push: Call, pull: Call, create_user: Call, reading: Any) -> None:
    push([reading(0)], "theirs", headers=create_user("stranger")["headers"])
    assert ids(pull(session_ids=["theirs"])) == []
    assert ids(pull()) == []


def test_pull_without_data_leaves_readings_out(push: Call, pull: Call, reading: Any) -> None:
    push([reading(0)])
    (session,) = pull(include_data=False)["sessions"]
    assert "sensor_data" not in session
    assert session["data_count"] == 1


def test_pull_not_own_leaves_out_readings_of_this_device(
    push: Call, pull: Call, reading: Any, other_phone: dict[str, str]
) -> None:
    push([reading(0)])
    push([reading(5000)], headers=other_phone)
    assert offsets(pull(own=False)["sessions"][0]) == [5000]
    assert offsets(pull(own=False, headers=other_phone)["sessions"][0]) == [0]
    assert offsets(pull()["sessions"][0]) == [0, 5000]


def test_pull_tells_of_deleted_sessions(
    push: Call, pull: Call, client: TestClient[Litestar], auth_headers: dict[str, str]
) -> None:
    push((), "kept")
    push((), "gone")
    since = pull()["server_timestamp"]
    client.delete("/api/sessions/gone", headers=auth_headers)
    reply = pull(last_sync_time=since)
    assert (ids(reply), reply["deleted"]) == ([], ["gone"])
    reply = pull()
    assert (ids(reply), reply["deleted"]) == (["kept"], ["gone"])


def test_pull_order_of_readings_is_by_sensor_then_time(push: Call, pull: Call, reading: Any) -> None:
    push([reading(20, "b"), reading(0, "a"), reading(10, "b"), reading(30, "a")])
    found = [(item["sensor_type"], item["timestamp"]) for item in pull()["sessions"][0]["sensor_data"]]
    assert [time - 1_760_000_000_000 for sensor, time in found if sensor == "a"] == [0, 30]
    assert [time - 1_760_000_000_000 for sensor, time in found if sensor == "b"] == [10, 20]
    assert len({sensor for sensor, _ in found[:2]}) == 1


def test_pull_sends_a_reading_that_several_changes_touch_once(push: Call, pull: Call, reading: Any) -> None:
    since = pull()["server_timestamp"]
    push([reading(0), reading(100)])
    push([reading(50), reading(150)])
    push([reading(100, x=9.0)])
    assert offsets(pull(last_sync_time=since)["sessions"][0]) == [0, 50, 100, 150]


def test_pull_sends_more_readings_than_one_slice(push: Call, pull: Call, reading: Any) -> None:
    push(reading(index) for index in range(20_001))
    assert offsets(pull()["sessions"][0]) == list(range(20_001))


@pytest.mark.parametrize("question", [{"cursor": None}, {"last_sync_time": None}, {}])
@pytest.mark.parametrize("device", [{}, {"device_id": "default"}])
def test_pull_without_own_needs_a_device_id(
    client: TestClient[Litestar], user: dict[str, Any], question: Any, device: Any
) -> None:
    """All phones that name no device are one: they would leave out each other's readings."""
    account = {"username": user["username"], "password": user["password"]} | device
    headers = bearer(client.post("/api/auth/login", json=account))
    reply = client.post("/api/sync/pull", json=question | {"own": False}, headers=headers)
    assert reply.status_code == 422
    [error] = reply.json()["errors"]
    assert error["field"] == "own"
    assert "device_id" in error["message"]
    assert client.post("/api/sync/pull", json=question, headers=headers).status_code == 200
    named = bearer(client.post("/api/auth/login", json=account | {"device_id": "tablet"}))
    assert client.post("/api/sync/pull", json=question | {"own": False}, headers=named).status_code == 200
