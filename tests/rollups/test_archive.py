"""Archiving a session: its rollups stay, its readings are deleted, and nothing can be added to their days."""

import psycopg
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from psycopg.errors import LockNotAvailable

from tests.support.aliases import Archive, Db, Document, Pull, Push
from tests.support.databases import erase_deleted
from tests.support.readings import DAY_MS, MORNING_MS

pytestmark = [pytest.mark.sync, pytest.mark.integration]


def reading(at_ms: float, x: float = 1.0) -> tuple[str, float, Document]:
    return "accelerometer", at_ms, {"x": x, "y": 0.0, "z": 0.0}


def count(db: Db, table: str) -> int:
    (found,) = db.execute(f"select count(*) from {table}".encode()).fetchone() or ()
    return int(found)


def test_archive_turns_readings_into_rollups(push: Push, archive: Archive, db: Db) -> None:
    push(reading(MORNING_MS), reading(MORNING_MS + 1), reading(MORNING_MS + 60_000), reading(MORNING_MS + DAY_MS))
    assert archive() == (4, 3 + 2 + 2)
    assert count(db, "app.sensor_data") == 0
    rows = db.execute("select bucket_minutes, sum(count) from app.archived_rollups group by 1 order by 1").fetchall()
    assert rows == [(1, 4), (60, 4), (1440, 4)]


def test_consecutive_days_are_one_range(push: Push, archive: Archive, db: Db) -> None:
    push(*(reading(MORNING_MS + day * DAY_MS) for day in (0, 1, 3)))
    archive()
    rows = db.execute("select from_at::text, until_at::text from app.archived_ranges order by 1").fetchall()
    assert rows == [
        ("2025-06-02 00:00:00+00", "2025-06-04 00:00:00+00"),
        ("2025-06-05 00:00:00+00", "2025-06-06 00:00:00+00"),
    ]


def test_ranges_are_those_of_utc_days_whatever_the_zone_of_the_connection(push: Push, archive: Archive, db: Db) -> None:
    db.execute("set timezone = 'America/New_York'")
    # The night in which daylight saving time begins.
    push(*(reading(1_741_478_400_000 + day * DAY_MS) for day in (0, 1, 2)))
    archive()
    rows = db.execute(
        "select (until_at - from_at)::text, extract(epoch from from_at) from app.archived_ranges"
    ).fetchall()
    assert [(length, int(begin) % 86_400) for length, begin in rows] == [("3 days", 0)]


def test_archive_again_does_nothing(push: Push, archive: Archive, pull: Pull) -> None:
    push(reading(MORNING_MS))
    archive()
    before = pull()["sessions"]
    assert archive() == (0, 0)
    assert pull()["sessions"] == before


@pytest.mark.parametrize("readings", [0, 1])
def test_archive_of_a_session_without_readings_does_nothing(
    push: Push, archive: Archive, db: Db, readings: int
) -> None:
    push(*[reading(MORNING_MS)] * readings)
    db.execute("select app.delete_session(user_id, session_id) from app.recording_sessions where %s = 1", [readings])
    assert archive() == (0, 0)
    assert db.execute("select archived_at from app.recording_sessions").fetchone() == (None,)
    assert count(db, "app.sensor_data") == readings


def test_archive_of_no_session_does_nothing(db: Db) -> None:
    assert db.execute("select * from app.archive_readings(404)").fetchone() == (0, 0)


def test_readings_of_an_archived_day_are_refused_one_by_one(push: Push, archive: Archive, db: Db) -> None:
    push(reading(MORNING_MS))
    archive()
    # Written before; not written before, so that the fast path would take it; another day; another sensor; unusable.
    late = [
        reading(MORNING_MS),
        reading(MORNING_MS + 3_600_000),
        reading(MORNING_MS + DAY_MS),
        ("gyroscope", MORNING_MS, {"x": 1.0}),
        ("accelerometer", MORNING_MS + DAY_MS, {"text": "\0"}),
    ]
    reply = push(*late)
    assert (reply["inserted"], reply["errors"], reply["session_data_count"]) == (2, 3, 3)
    assert [(item["index"], item["code"]) for item in reply["rejected"]] == [
        (0, "archived"),
        (1, "archived"),
        (4, "invalid_data"),
    ]
    start_ms = MORNING_MS // DAY_MS * DAY_MS
    assert reply["archived"] == [{"sensor_type": "accelerometer", "from": start_ms, "until": start_ms + DAY_MS}]
    assert count(db, "app.sensor_data") == 2


def test_a_refused_reading_that_is_twice_in_a_push_is_refused_twice(push: Push, archive: Archive) -> None:
    push(reading(MORNING_MS))
    archive()
    reply = push(reading(MORNING_MS), reading(MORNING_MS, 2.0))
    assert (reply["errors"], reply["duplicates"]) == (2, 0)


def test_a_push_that_was_applied_before_is_replayed(push: Push, archive: Archive) -> None:
    first = push(reading(MORNING_MS), push_id="p1")
    archive()
    assert push(reading(MORNING_MS), push_id="p1") == first | {"replayed": True}


def test_a_replay_names_the_archived_times_as_the_first_answer_did(push: Push, archive: Archive) -> None:
    push(reading(MORNING_MS))
    archive()
    first = push(reading(MORNING_MS + 5), push_id="p1")
    assert first["archived"]
    assert push(reading(MORNING_MS + 5), push_id="p1") == first | {"replayed": True}


def test_the_last_microsecond_of_an_archived_day_is_refused_and_the_next_is_not(push: Push, archive: Archive) -> None:
    push(reading(MORNING_MS))
    archive()
    midnight = MORNING_MS + 14 * 3_600_000
    reply = push(reading(midnight - 0.001), reading(midnight))
    assert [item["index"] for item in reply["rejected"]] == [0]
    assert reply["inserted"] == 1


def test_a_later_day_is_archived_into_rows_of_its_own(push: Push, archive: Archive, db: Db) -> None:
    push(reading(MORNING_MS))
    archive()
    push(reading(MORNING_MS + DAY_MS))
    assert archive() == (1, 3)
    assert count(db, "app.archived_ranges") == 2
    assert db.execute("select archived_count, data_count from app.recording_sessions").fetchone() == (2, 2)


def test_pull_tells_that_a_session_was_archived(push: Push, archive: Archive, pull: Pull) -> None:
    push(reading(MORNING_MS))
    assert "archived_at" not in pull()["sessions"][0]
    archive()
    push(reading(MORNING_MS + DAY_MS))
    [session] = pull()["sessions"]
    assert (session["archived_count"], session["data_count"]) == (1, 2)
    assert session["archived_at"] <= session["updated_at"]
    assert [item["timestamp"] for item in session["sensor_data"]] == [MORNING_MS + DAY_MS]


def test_other_devices_are_told_by_a_delta_pull(
    push: Push, archive: Archive, pull: Pull, client: TestClient[Litestar], auth_headers: dict[str, str]
) -> None:
    push(reading(MORNING_MS))
    cursor = pull()["cursor"]
    archive()
    reply = client.post("/api/sync/pull", json={"cursor": cursor}, headers=auth_headers).json()
    assert [(s["session_id"], s["archived_count"], s["sensor_data"]) for s in reply["sessions"]] == [("walk", 1, [])]


def test_archiving_gives_back_the_quota_once(
    push: Push, archive: Archive, db: Db, client: TestClient[Litestar], auth_headers: dict[str, str]
) -> None:
    push(reading(MORNING_MS), reading(MORNING_MS + 1))
    archive()
    push(reading(MORNING_MS + DAY_MS))
    assert db.execute("select reading_count from app.change_sequences").fetchone() == (1,)
    client.delete("/api/sessions/walk", headers=auth_headers)
    assert db.execute("select reading_count from app.change_sequences").fetchone() == (0,)


def test_deleting_a_session_erases_what_was_archived_of_it(
    push: Push, archive: Archive, db: Db, client: TestClient[Litestar], auth_headers: dict[str, str]
) -> None:
    push(reading(MORNING_MS), ("gps", MORNING_MS, {"latitude": 37.5, "longitude": 127.0}))
    archive()
    tables = (
        "app.archived_rollups", "app.archived_ranges", "app.archived_distance", "app.archived_sketches",
        "app.archived_epochs",
    )  # fmt: skip
    assert all(count(db, table) > 0 for table in tables)
    assert client.delete("/api/sessions/walk", headers=auth_headers).status_code == 204
    erase_deleted(db)
    assert [count(db, table) for table in tables] == [0] * len(tables)
    assert "archived_at" not in client.get("/api/sessions", headers=auth_headers).json()["sessions"]


def test_archive_waits_for_a_push_under_way(push: Push, archive: Archive, db: Db, database_url: str) -> None:
    push(reading(MORNING_MS))
    db.execute("set lock_timeout = '200ms'")
    with psycopg.connect(database_url) as other:
        other.execute("select from app.recording_sessions for update")
        with pytest.raises(LockNotAvailable):
            archive()
    assert archive()[0] == 1


def test_analysis_of_an_archived_session_says_what_it_is_of(push: Push, archive: Archive, db: Db) -> None:
    push(reading(MORNING_MS))
    archive()
    push(reading(MORNING_MS + DAY_MS))
    for name in ("session_analysis", "metrics_report", "anomaly_report"):
        (report,) = db.execute(f"select analytics.{name}(id) from app.recording_sessions".encode()).fetchone() or ()
        assert report["archived_count"] == 1, name
    (report,) = db.execute("select analytics.metrics_report(id) from app.recording_sessions").fetchone() or ()
    assert (report["record_count"], report["sensors"]["accelerometer"]["count"]) == (2, 1)
