"""No number disappears with its readings: what has no column in the rollups is archived, too."""

from typing import Any

import pytest

from tests.support.aliases import Archive, Client, Db, Document, Push
from tests.support.readings import DAY_MS, MORNING_MS

pytestmark = [pytest.mark.sync, pytest.mark.integration]

SECOND_MS, HOUR_MS = 1000, 3_600_000
MINUTES = 200

SENSORS: dict[str, list[Document]] = {
    "a second key": [{"lux": minute, "brightness": minute / 8} for minute in range(MINUTES)],
    "many keys": [{"a": minute, "b": -minute, "c": 1_000_000 + minute / 16} for minute in range(MINUTES)],
    "keys that change": [{"lux": 5}, *({"brightness": minute} for minute in range(MINUTES - 1))],
    "a null, then numbers": [{"bpm": None}, *({"bpm": 60 + minute} for minute in range(MINUTES - 1))],
    "altitude and accuracy": [
        {"latitude": 37.5, "longitude": 127.0, "altitude": 40 + minute / 4, "accuracy": 5, "speed": 1.5}
        for minute in range(MINUTES)
    ],
    "unknown accuracy": [{"latitude": 37.5, "accuracy": -1, "altitude": minute} for minute in range(MINUTES)],
    "axes with a temperature": [{"x": 1.5, "y": minute, "z": 2, "temperature": 20} for minute in range(MINUTES)],
    "numbers of any size": [{"lux": 2**60 * (minute + 1), "huge": 1e60, "tiny": 1e-90} for minute in range(MINUTES)],
}


def recorded(contents: list[Document], sensor: str = "sensor") -> list[tuple[str, float, Document]]:
    return [(sensor, MORNING_MS + index * 60 * SECOND_MS, data) for index, data in enumerate(contents)]


def rollups(db: Db, minutes: int) -> list[Any]:
    query = """
        select r.sensor, r.bucket, r.place, r.axis, r.count, r.mean, r.std, r.min, r.max
        from analytics.sessions as s, analytics.session_rollup(s.recording_id, %s) as r
        order by r.sensor, r.bucket, r.place, r.axis
    """
    return db.execute(query, [minutes]).fetchall()


def chart(client: Client, headers: dict[str, str], points: int, sensor: str = "sensor") -> Document:
    reply = client.get(f"/api/sessions/walk/series?sensor={sensor}&points={points}", headers=headers)
    assert reply.status_code == 200, reply.text
    found: Document = reply.json()
    return found


def percentiles(db: Db, minutes: int) -> list[Any]:
    query = """
        select p.sensor, p.bucket, p.place, p.axis, p.count, p.percentiles, p.sketch
        from analytics.sessions as s, analytics.session_percentiles(s.recording_id, %s) as p
        order by p.sensor, p.bucket, p.place, p.axis
    """
    return db.execute(query, [minutes]).fetchall()


def metrics(db: Db) -> list[Any]:
    query = """
        select m.* from analytics.sessions as s, analytics.session_metrics(s.recording_id) as m
        order by m.sensor, m.place, m.axis
    """
    return db.execute(query).fetchall()


def close(rows: list[Any]) -> list[Any]:
    """Merging may change the last digits of means and deviations."""
    return [tuple(pytest.approx(v, rel=1e-9) if isinstance(v, float) else v for v in row) for row in rows]


@pytest.mark.parametrize("name", SENSORS)
def test_archiving_changes_no_number(
    push: Push, archive: Archive, client: Client, auth_headers: dict[str, str], db: Db, name: str
) -> None:
    push(*recorded(SENSORS[name]))
    before = {width: rollups(db, width) for width in (1, 60, 1440)}
    middles = {width: percentiles(db, width) for width in (60, 1440)}
    # As many values of as many axes as the rollups have.
    assert {width: [row[:5] for row in rows] for width, rows in middles.items()} == {
        width: [row[:5] for row in before[width]] for width in middles
    }
    # Parts of ten minutes, twenty, and all of it.
    charts = {points: chart(client, auth_headers, points) for points in (19, 10, 1)}
    measured = metrics(db)
    assert measured
    assert archive()[0] == MINUTES
    assert {width: rollups(db, width) for width in before} == {width: close(rows) for width, rows in before.items()}
    assert {width: percentiles(db, width) for width in middles} == middles
    assert {points: chart(client, auth_headers, points) for points in charts} == charts
    assert metrics(db) == close(measured)


@pytest.mark.parametrize("name", SENSORS)
def test_views_have_every_number_of_archived_readings(push: Push, archive: Archive, db: Db, name: str) -> None:
    push(*recorded(SENSORS[name]))
    expected: dict[str, list[float]] = {}
    for data in SENSORS[name]:
        for key, value in data.items():
            is_known = value is not None and not (key == "accuracy" and value < 0)
            if is_known and key not in ("latitude", "longitude"):
                expected.setdefault(key, []).append(value)
    archive()
    for view in ("rollup_minute", "rollup_hour", "rollup_day"):
        rows = db.execute(
            f"select axis, sum(count), min(min), max(max), float8_avg(analytics.merged_moments(moments))"
            f" from analytics.{view} where axis <> 'magnitude' group by axis".encode()
        ).fetchall()
        assert {axis: found for axis, *found in rows} == {
            key: [len(values), min(values), max(values), pytest.approx(sum(values) / len(values))]
            for key, values in expected.items()
        }, view


def test_where_somebody_was_is_not_kept(push: Push, archive: Archive, db: Db) -> None:
    push(*recorded(SENSORS["altitude and accuracy"]))
    archive()
    axes = db.execute("select distinct axis from analytics.rollup_minute order by axis").fetchall()
    assert axes == [("accuracy",), ("altitude",), ("speed",)]


def test_archived_axes_are_bounded_and_are_those_of_most_readings(push: Push, archive: Archive, db: Db) -> None:
    """A phone that makes up keys."""
    push(*recorded([{"lux": 1, "kept": 2, f"made up {index}": index} for index in range(100)]))
    archive()
    rows = db.execute("select axis, sum(count) from analytics.rollup_day group by axis order by 2 desc, 1").fetchall()
    assert len(rows) == 1 + 32
    assert rows[:2] == [("kept", 100), ("lux", 100)]


def test_days_archived_one_after_another_add_up(push: Push, archive: Archive, db: Db) -> None:
    push(*recorded([{"lux": 1, "brightness": index} for index in range(10)]))
    archive()
    later = [("sensor", MORNING_MS + DAY_MS + index, {"lux": 1, "brightness": 100 + index}) for index in range(10)]
    push(*later)
    before = metrics(db)
    assert [(axis, count, least, most) for _, _, axis, count, _, _, least, most, *_ in before] == [
        ("lux", 20, 1, 1),
        ("brightness", 20, 0, 109),
    ]
    archive()
    assert metrics(db) == close(before)


def test_an_erased_session_leaves_no_rollups(
    push: Push, archive: Archive, client: Client, auth_headers: dict[str, str], db: Db
) -> None:
    push(*recorded([{"lux": 1, "brightness": 2, "steps": 3}]))
    archive()
    assert client.delete("/api/sessions/walk", headers=auth_headers).status_code == 204
    assert db.execute("select count(*) from analytics.rollup_day").fetchone() == (0,)
    assert rollups(db, 60) == []
    db.execute("select app.erase_readings(1000)")
    for table in ("archived_rollups", "archived_extra_rollups", "archived_counters", "archived_sketches"):
        assert db.execute(f"select count(*) from app.{table}".encode()).fetchone() == (0,), table


@pytest.mark.parametrize("width", [0, 2, 59, 1441, None])
def test_another_width_has_no_rows(push: Push, db: Db, width: int | None) -> None:
    push(*recorded([{"lux": 1, "brightness": 2}]))
    assert db.execute(
        "select count(*) from analytics.sessions as s, analytics.session_rollup(s.recording_id, %s)", [width]
    ).fetchone() == (0,)
