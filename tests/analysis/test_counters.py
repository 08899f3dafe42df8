"""Counters that restart, such as steps: how much they rose, before and after archiving."""

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.aliases import Ask, Db, Record, Rows
from tests.support.readings import START_MS

pytestmark = [pytest.mark.integration]

RESTARTED = [1000, 1010, 1050, 3, 20, 60]


def increase(values: list[float]) -> float:
    """The oracle: after a restart, everything counted since 0."""
    return sum(later - earlier if later >= earlier else later for earlier, later in itertools.pairwise(values))


def readings(values: list[Any], key: str = "steps", sensor: str = "pedometer", step_ms: float = 17_000) -> Rows:
    return [
        {"sensor_type": sensor, "timestamp": START_MS + index * step_ms, "data": {key: value}}
        for index, value in enumerate(values)
    ]


def total(ask: Ask, session: int) -> Any:
    [row] = ask("select sum(increase) as total from analytics.session_counters(%s)", session)
    return row["total"]


CASES: dict[str, tuple[list[float], float]] = {
    "a restart": (RESTARTED, 110),
    "none": ([1000, 1010, 1050], 50),
    "two restarts": ([5, 7, 0, 4, 1, 9], 2 + 4 + 1 + 8),
    "a restart at 0": ([100, 0, 0, 5], 5),
    "at rest": ([7, 7, 7], 0),
    "one value": ([1000], 0),
}


@pytest.mark.parametrize("name", CASES)
def test_increase_counts_restarts_from_zero(db: Db, name: str) -> None:
    values, expected = CASES[name]
    query = (
        "select analytics.counter_increase(v order by place) from unnest(%s::float8[]) with ordinality as u (v, place)"
    )
    assert db.execute(query, [values]).fetchone() == (expected,)
    assert expected == increase(values)


def test_increase_of_nothing_is_null_and_nulls_are_skipped(db: Db) -> None:
    query = "select analytics.counter_increase(v) from unnest(%s::float8[]) as u (v)"
    assert db.execute(query, [[None, None]]).fetchone() == (None,)
    assert db.execute(query, [[]]).fetchone() == (None,)
    assert db.execute(query, [[1, None, 5, None, 2]]).fetchone() == (6,)


@given(values=st.lists(st.integers(0, 50), min_size=1, max_size=30), cuts=st.lists(st.integers(0, 30), max_size=5))
def test_increase_of_parts_is_that_of_all(db: Db, values: list[float], cuts: list[int]) -> None:
    edges = [0, *sorted(cut for cut in cuts if cut < len(values)), len(values)]
    query = """
        select app.counter_join(%s::float8[], (
            select app.counter_partials(v order by place) from unnest(%s::float8[]) with ordinality as u (v, place)
        ))
    """
    state = None
    for begin, end in itertools.pairwise(edges):
        [(state,)] = db.execute(query, [state, values[begin:end]]).fetchall()
    assert state == [values[0], values[-1], increase(values)]


@pytest.mark.parametrize(
    ("sensor", "key"),
    [
        ("pedometer", "steps"),
        ("Pedometer", "stepCount"),
        ("phone", "step_count"),
        ("step_counter", "value"),
        ("stepcounter", "value"),
        ("health", "floors_ascended"),
    ],
)
@pytest.mark.parametrize("is_archived", [False, True])
def test_counters_of_a_session(record: Record, ask: Ask, db: Db, sensor: str, key: str, *, is_archived: bool) -> None:
    session = record(readings(RESTARTED, key, sensor))
    if is_archived:
        db.execute("select app.archive_readings(%s)", [session])
    assert total(ask, session) == 110
    rows = ask("select * from analytics.session_counters(%s)", session)
    assert {(row["sensor"], row["axis"]) for row in rows} == {(sensor, key)}
    assert [(row["first"], row["last"], row["increase"]) for row in rows] == [(1000, 1050, 50), (3, 60, 60)]


def test_a_counter_without_a_column_counts(record: Record, ask: Ask, db: Db) -> None:
    """The pulse goes to the column `value`, the steps to `extra`."""
    session = record(
        [
            {"sensor_type": "health", "timestamp": START_MS + index * 1000, "data": {"bpm": 60, "steps": steps}}
            for index, steps in enumerate(RESTARTED)
        ]
    )
    assert total(ask, session) == 110
    db.execute("select app.archive_readings(%s)", [session])
    assert total(ask, session) == 110


def test_what_is_no_counter_has_no_rows(record: Record, ask: Ask) -> None:
    session = record([*readings([5, 3, 8], "lux", "light"), *readings([1, 1, 1], "value", "step_detector")])
    assert ask("select * from analytics.session_counters(%s)", session) == []


def test_a_restart_between_archived_and_stored_days_counts(record: Record, ask: Ask, db: Db) -> None:
    """Three days, of which the first is archived before the others come."""
    values = [1000, 1400, 1800, 50, 450, 850]
    items = readings(values, step_ms=12 * 3_600_000)
    session = record(items[:2], session_id="walk")
    db.execute("select app.archive_readings(%s)", [session])
    record(items[2:], session_id="walk")
    assert total(ask, session) == increase(values)
    db.execute("select app.archive_readings(%s)", [session])
    assert total(ask, session) == increase(values)


def test_counters_of_a_user_belong_to_days_of_the_users_zone(record: Record, ask: Ask, db: Db) -> None:
    """From 17:53 in Seoul on the 9th, every three hours."""
    record(readings([100, 200, 300, 400, 500], step_ms=3 * 3_600_000))
    record(readings([7, 9], step_ms=1000))
    query = "select day::text, sensor, axis, sessions, increase from analytics.user_counters(%s, %s, %s)"
    [user] = ask("select id from analytics.users")
    expected = [
        {"day": "2025-10-09", "sensor": "pedometer", "axis": "steps", "sessions": 2, "increase": 202},
        {"day": "2025-10-10", "sensor": "pedometer", "axis": "steps", "sessions": 1, "increase": 200},
    ]
    for _ in range(2):
        assert ask(query, user["id"], "2025-10-09", "2025-10-10") == expected
        assert ask(query, user["id"], "2025-10-10", "2025-10-12") == expected[1:]
        db.execute("select app.archive_readings(id) from app.recording_sessions")


def test_analysts_may_count(record: Record, analyst: Ask, db: Db) -> None:
    session = record(readings(RESTARTED))
    for _ in range(2):
        [row] = analyst("select sum(increase) as total from analytics.session_counters(%s)", session)
        assert row == {"total": 110}
        [row] = analyst("select count(*) as rows from analytics.session_rollup(%s)", session)
        assert row == {"rows": 1}
        [row] = analyst("select count(*) as rows from analytics.session_metrics(%s)", session)
        assert row == {"rows": 1}
        db.execute("select app.archive_readings(%s)", [session])
