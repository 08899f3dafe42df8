"""analytics.lttb and session_lttb, against values computed with numpy."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.oracles.alignment import lttb
from tests.support.readings import reading_at, series
from tests.support.recordings import campus, nab

pytestmark = pytest.mark.integration

_VALUES = st.integers(-(10**6), 10**6).map(lambda n: n / 8)
_SPEED = [
    0, 60, 117, 126, 241, 276, 317, 377, 447, 502, 625, 629, 748, 754, 819, 926, 940, 1046, 1107, 1126,
]  # fmt: skip
_JUMPSUP = [
    0, 134, 241, 448, 677, 1032, 1125, 1344, 1693, 1864, 2019, 2439, 2546, 2907, 3033, 3135, 3375, 3700, 3953, 4031,
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "points", "index_sum", "value_sum"),
    [
        ("speed_7578", 20, sum(_SPEED), 1_031),
        ("art_daily_jumpsup", 20, sum(_JUMPSUP), 1_072.10308001),
        ("ambient_temperature_system_failure", 50, 181_630, 3_546.28775916),
    ],
)
def test_points_of_labelled_series(ask, name, points, index_sum, value_sum):
    rows = nab(name)
    x = [(row["timestamp"] - rows[0]["timestamp"]) / 1000 for row in rows]
    y = [row["data"]["value"] for row in rows]
    [found] = ask("select analytics.lttb(%s, %s, %s) as indexes", x, y, points)
    indexes = found["indexes"]
    assert indexes == {"speed_7578": _SPEED, "art_daily_jumpsup": _JUMPSUP}.get(name, indexes)
    assert (len(indexes), sum(indexes)) == (points, index_sum)
    assert sum(y[index] for index in indexes) == pytest.approx(value_sum, rel=1e-9)


def test_points_of_the_campus(record, ask):
    rows = [row for row in campus() if row["sensor_type"] == "accelerometer"]
    session = record(rows, start_time=rows[0]["timestamp"])
    found = ask(
        "select * from analytics.session_lttb(%s, 'accelerometer', _points => 100, _axes => '{magnitude}')", session
    )
    index = {row["timestamp"]: number for number, row in enumerate(rows)}
    assert sum(index[round(row["at"].timestamp() * 1e6) / 1000] for row in found) == 1_725_715
    assert sum(row["value"] for row in found) == pytest.approx(1_072.65179144, rel=1e-9)
    axes = ask("select axis, count(*) as n from analytics.session_lttb(%s, 'accelerometer') group by axis", session)
    assert {row["axis"]: row["n"] for row in axes} == dict.fromkeys(("x", "y", "z", "magnitude"), 1000)


@given(st.lists(st.floats(-1e6, 1e6), max_size=40), st.integers(-1, 45))
def test_points_are_distinct_in_order_and_include_both_ends(ask, y, points):
    x = [float(index) for index in range(len(y))]
    [found] = ask("select analytics.lttb(%s::float8[], %s::float8[], %s) as indexes", x, y, points)
    indexes = found["indexes"]
    assert indexes == sorted(set(indexes))
    assert len(indexes) == (points if 3 <= points < len(y) else len(y))
    assert indexes[:1] + indexes[-1:] == ([0, len(y) - 1] if y else [])
    assert indexes == lttb(x, y, points)


@pytest.mark.parametrize(("x", "y"), [([1, 2, 3], [1, 2]), ([1, 2, 3, None], [1, 2, 3, 4]), ([1, 2, 3], [1, None, 3])])
def test_points_of_half_a_line_are_unknown(ask, x, y):
    assert ask("select analytics.lttb(%s::float8[], %s::float8[], 3) as indexes", x, y) == [{"indexes": None}]


@given(st.lists(_VALUES, min_size=1, max_size=30), st.integers(3, 12))
def test_a_session_has_the_points_of_its_readings(record, ask, values, points):
    session = record(series(values))
    found = ask("select * from analytics.session_lttb(%s, 'thermometer', _points => %s)", session, points)
    chosen = lttb([float(n) for n in range(len(values))], values, points)
    assert [(row["axis"], row["value"]) for row in found] == [("temperature", values[index]) for index in chosen]
    assert [row["at"] for row in found] == sorted({row["at"] for row in found})


def test_archived_readings_are_a_point_per_minute(record, ask, db):
    """Archived: 0 s, 10 s, 70 s; later pushed and stored: 65 s, 200 s."""
    session = record([reading_at(at, "light", lux=at, mode=at % 2) for at in (0, 10, 70)])
    db.execute("select app.archive_readings(%s)", [session])
    [row] = ask("select session_id from analytics.sessions where recording_id = %s", session)
    record([reading_at(at, "light", lux=at, mode=7) for at in (86_400, 86_500)], session_id=row["session_id"])
    found = ask("select * from analytics.session_lttb(%s, 'light')", session)
    start = found[0]["at"]
    lines = {}
    for row in found:
        lines.setdefault(row["axis"], []).append(((row["at"] - start).total_seconds(), row["value"]))
    # START is 20 s into a minute.
    assert lines == {
        "lux": [(0, 5), (70, 70), (86_400, 86_400), (86_500, 86_500)],
        "mode": [(0, 0), (70, 0), (86_400, 7), (86_500, 7)],
    }
    later = ask("select * from analytics.session_lttb(%s, 'light', %s, %s, _axes => '{lux}')", session, start, start)
    assert [row["value"] for row in later] == [5]


def test_too_few_points_have_no_rows(record, ask):
    session = record(series([1.0, 2.0, 3.0, 4.0]))
    assert ask("select * from analytics.session_lttb(%s, 'thermometer', _points => 2)", session) == []
    assert ask("select * from analytics.session_lttb(%s, 'barometer')", session) == []
