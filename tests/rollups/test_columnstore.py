"""Readings in the columnstore: pushes, late data, archiving and deletes count right."""

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.rollups.harness import compress_all
from tests.support.aliases import Archive, Db, Document, Push
from tests.support.databases import erase_deleted
from tests.support.readings import DAY_MS, MORNING_MS

pytestmark = [pytest.mark.sync, pytest.mark.integration]

_OUTCOMES = ("inserted", "updated", "duplicates", "errors")


def readings(count: int, x: float, *, first: int = 0, step: int = 1) -> list[tuple[str, float, Document]]:
    return [("accelerometer", MORNING_MS + index * 10, {"x": x}) for index in range(first, first + count * step, step)]


def counts(reply: Document) -> tuple[int, ...]:
    return tuple(reply[name] for name in _OUTCOMES)


def stored(db: Db, session_id: str = "walk") -> list[tuple[float, int]]:
    """Values of x, and how many readings have each."""
    return db.execute(
        "select x, count(*) from app.sensor_data as d join app.recording_sessions as s on s.id = d.recording_id"
        " where s.session_id = %s group by 1 order by 1", [session_id],
    ).fetchall()  # fmt: skip


@pytest.fixture
def db(community: Db) -> Db:
    return community


@pytest.fixture
def compressed(push: Push, db: Db) -> None:
    """Two sessions of 5,000 readings in the columnstore."""
    push(*readings(5_000, 1.0))
    push(*readings(5_000, 5.0), session_id="run")
    compress_all(db)
    rows = db.execute("select is_compressed from timescaledb_information.chunks where hypertable_name = 'sensor_data'")
    assert rows.fetchall() == [(True,)]


def test_a_second_push_of_the_same_is_all_duplicates(compressed: None, push: Push) -> None:
    assert counts(push(*readings(5_000, 1.0))) == (0, 0, 5_000, 0)


def test_corrections_replace(compressed: None, push: Push, db: Db) -> None:
    assert counts(push(*readings(100, 2.0, step=50))) == (0, 100, 0, 0)
    assert stored(db) == [(1.0, 4_900), (2.0, 100)]


def test_late_readings_are_added(compressed: None, push: Push, db: Db) -> None:
    mixed = (
        readings(50, 1.0, first=4_950) + readings(50, 2.0, first=5_000) + [("accelerometer", MORNING_MS, {"x": 3.0})]
    )
    assert counts(push(*mixed)) == (50, 1, 50, 0)
    assert stored(db) == [(1.0, 4_999), (2.0, 50), (3.0, 1)]
    compress_all(db)
    assert stored(db) == [(1.0, 4_999), (2.0, 50), (3.0, 1)]


def test_a_new_session_is_added_to_a_compressed_chunk(compressed: None, push: Push, db: Db) -> None:
    assert counts(push(*readings(1_000, 7.0), session_id="new")) == (1_000, 0, 0, 0)
    assert stored(db, "new") == [(7.0, 1_000)]


def test_a_correction_here_and_there_of_a_long_session_is_taken(push: Push, db: Db) -> None:
    """Each batch has 1,000 readings and is decompressed whole: more than the extension's own limit of 100,000."""
    push(*readings(1, 1.0))
    db.execute(
        "insert into app.sensor_data (recording_id, sensor_type_id, recorded_at, x)"
        " select d.recording_id, d.sensor_type_id, d.recorded_at + n * interval '10 ms', 1"
        " from app.sensor_data as d, generate_series(1, 149999) as n"
    )
    db.execute("update app.recording_sessions set last_reading_at = first_reading_at + interval '1500 s'")
    db.execute("update app.reading_changes set to_at = from_at + interval '1500 s'")
    compress_all(db)
    assert counts(push(*readings(150, 2.0, step=1_000))) == (0, 150, 0, 0)
    assert stored(db) == [(1.0, 149_850), (2.0, 150)]


def test_deleting_a_session_leaves_the_others(
    compressed: None, db: Db, client: TestClient[Litestar], auth_headers: dict[str, str]
) -> None:
    client.delete("/api/sessions/walk", headers=auth_headers)
    erase_deleted(db)
    assert db.execute("select x, count(*) from app.sensor_data group by 1").fetchall() == [(5.0, 5_000)]


def test_archiving_a_session_leaves_the_others(compressed: None, push: Push, archive: Archive, db: Db) -> None:
    push(*readings(1, 2.0, first=DAY_MS // 10))
    assert archive() == (5_001, 6)
    assert (stored(db), stored(db, "run")) == ([], [(5.0, 5_000)])


def test_a_session_is_deleted_by_whole_batches(compressed: None, db: Db) -> None:
    """The delete statement of archiving decompresses nothing."""
    (session,) = db.execute("select id from app.recording_sessions where session_id = 'walk'").fetchone() or ()
    plan = db.execute(
        "explain (analyze, costs off, timing off, summary off) delete from app.sensor_data as d"
        f" where d.recording_id = {session} and d.recorded_at between '2025-06-01' and '2025-06-20'".encode()
    ).fetchall()
    assert not any("decompressed" in line for (line,) in plan), plan
