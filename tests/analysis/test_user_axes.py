"""Numbers of a user do not depend on which recordings are archived, of any axis."""

import math
from typing import Any

import pytest

from tests.rollups.test_extra_rollups import SENSORS, close
from tests.support.aliases import Ask, Db, Document, Record
from tests.support.readings import DAY_MS, MORNING_MS

pytestmark = pytest.mark.integration

MINUTE_MS = 60_000
DAYS = "'2025-05-30', '2025-06-05'"


def readings(contents: list[Document], later_ms: int = 0) -> list[Document]:
    return [
        {"sensor_type": "sensor", "timestamp": MORNING_MS + later_ms + index * MINUTE_MS, "data": data}
        for index, data in enumerate(contents)
    ]


def answers(db: Db, axes: list[str]) -> dict[str, list[Any]]:
    """What a user's functions say per width and zone, of all axes and of each."""
    found = {}
    for width in ("minute", "hour", "day"):
        for zone in ("UTC", "Asia/Kathmandu"):
            query = f"select r.* from analytics.users as u, analytics.user_rollups(u.id, {DAYS}, '{zone}', '{width}'"
            found[f"{width} {zone}"] = db.execute(f"{query}) as r order by sensor, bucket, axis".encode()).fetchall()
            for axis in axes:
                rows = db.execute(f"{query}, 'sensor', %s) as r order by bucket".encode(), [axis]).fetchall()
                assert flat(rows) == rounded([row for row in found[f"{width} {zone}"] if row[3] == axis])
    for axis in axes:
        for zone in ("UTC", "Asia/Kathmandu"):
            query = f"select r.* from analytics.users as u, analytics.user_rhythm(u.id, 'sensor', %s, {DAYS}, '{zone}')"
            found[f"rhythm of {axis} {zone}"] = db.execute(f"{query} as r".encode(), [axis]).fetchall()
    return found


def flat(rows: list[Any]) -> list[Any]:
    """Rows whose moments are columns."""
    return [(*row[:-1], *row[-1]) if isinstance(row[-1], list) else row for row in rows]


def rounded(rows: list[Any]) -> list[Any]:
    """Merging in another order may change the last digits."""
    return close(flat(rows))


@pytest.mark.parametrize("name", SENSORS)
def test_archiving_some_recordings_changes_no_number_of_a_user(record: Record, db: Db, name: str) -> None:
    """First none, then one, then both."""
    first = record(readings(SENSORS[name]))
    # Other values, a day later.
    second = record(readings(SENSORS[name][::-2], DAY_MS))
    numbers: dict[str, list[float]] = {}
    for data in SENSORS[name] + SENSORS[name][::-2]:
        for key, value in data.items():
            if value is not None and not (key == "accuracy" and value < 0) and key not in ("latitude", "longitude"):
                numbers.setdefault(key, []).append(value)
    axes = sorted(numbers)
    before = answers(db, axes)
    for zone in ("UTC", "Asia/Kathmandu"):
        for width in ("minute", "hour", "day"):
            rows = before[f"{width} {zone}"]
            for axis, values in numbers.items():
                own = [row for row in rows if row[3] == axis]
                assert sum(row[5] for row in own) == len(values), (axis, width)
                assert math.fsum(row[10][1] for row in own) == pytest.approx(math.fsum(values)), (axis, width)
                assert (min(row[8] for row in own), max(row[9] for row in own)) == (min(values), max(values))
    assert all(before[f"rhythm of {axis} UTC"][0][0] >= 1 for axis in axes)
    for session in (first, second):
        db.execute("select app.archive_readings(%s)", [session])
        after = answers(db, axes)
        for question, rows in before.items():
            assert flat(after[question]) == rounded(rows), question


def test_one_archived_and_one_live_session(record: Record, ask: Ask, db: Db) -> None:
    first = record(readings([{"pressure": 1000, "temp": 10}] * 60))
    record(readings([{"pressure": 1000, "temp": 30}] * 60, DAY_MS))
    question = "select h.count, h.mean, r.mesor, r.hours from analytics.users as u"
    question += f" cross join lateral analytics.user_rollups(u.id, {DAYS}, 'UTC', 'day', _axis => 'temp') as h"
    question += (
        f" cross join lateral analytics.user_rhythm(u.id, 'sensor', 'temp', {DAYS}, 'UTC') as r order by h.bucket"
    )
    expected = [
        {"count": 60, "mean": mean, "mesor": rhythm["mesor"], "hours": rhythm["hours"]}
        for mean in (10, 30)
        for rhythm in ask(
            f"select r.* from analytics.users as u, analytics.user_rhythm(u.id, 'sensor', 'temp', {DAYS}) r"
        )
    ]
    assert expected[0]["hours"] == 2
    assert ask(question) == expected
    db.execute("select app.archive_readings(%s)", [first])
    assert ask(question) == expected


def test_an_analyst_may_ask(record: Record, db: Db) -> None:
    record(readings([{"pressure": 1000, "temp": 10}] * 3))
    with db.transaction():
        db.execute("set local role koodtx_analyst")
        [[user]] = db.execute("select id from analytics.users").fetchall()
        rows = db.execute(f"select axis, count from analytics.user_rollups(%s, {DAYS})".encode(), [user]).fetchall()
    assert sorted(rows) == [("pressure", 3), ("temp", 3)]
