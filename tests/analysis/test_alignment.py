"""Common time grids and points to draw, against values computed with numpy."""

import math
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.recordings import campus, geotec, nab, strapdown

pytestmark = pytest.mark.integration

_MEANS = """
    select sensor || ' ' || axis as column, count(*) as rows, avg(value) as mean, min(at) as first_at
    from analytics.session_grid(%s, %s, %s, %s) where sensor || ' ' || axis = any(%s) group by sensor, axis
"""
_CORRELATION = """
    select corr(a.value, b.value) as r
    from analytics.session_grid(%s, %s, %s, %s) as a
    join analytics.session_grid(%s, %s, %s, %s) as b using (at)
    where a.sensor || ' ' || a.axis = %s and b.sensor || ' ' || b.axis = %s
"""
_A, _G, _P, _S = "accelerometer magnitude", "gyroscope magnitude", "barometer pressure", "gps speed"
_M, _X = "magnetometer magnitude", "accelerometer x"
_GRIDS = {
    "ethz 20 ms": (campus, "20 ms", "1 s", {
        _A: (35_083, 9.74375680397), _G: (35_032, 0.218907437871),
    }, {_G: 0.299575419956}),
    "ethz 100 ms": (campus, "100 ms", "1 s", {
        _A: (7_017, 9.73733063967), _X: (7_017, 0.0196673110991), _G: (7_006, 0.218832859930),
        _M: (7_007, 21.6578040804), _P: (7_010, 947.202573789), _S: (5_369, 0.890368696033),
    }, {_G: 0.292286280448, _M: 0.0130893526673, _P: -0.00136963829190, _S: 0.00468113374961}),
    "drive 1 s": (strapdown, "1 s", "5 s", {
        _A: (455, 9.82998634146), _S: (1_648, 6.33467218709),
    }, {_S: 0.0371651509910}),
    "drive 250 ms": (strapdown, "250 ms", "1 s", {
        _A: (1_786, 9.81805565808), _S: (6_589, 6.33695083585), _P: (1_783, 1013.98455010),
    }, {_S: 0.0474753828365}),
    "sp": (lambda: geotec("sp"), "20 ms", "100 ms", {
        _A: (659, 10.4935115636), _G: (659, 1.27272296942),
    }, {_G: 0.135126775593}),
    "sw": (lambda: geotec("sw"), "20 ms", "100 ms", {
        _A: (660, 10.3412247367), _G: (660, 1.86423373862),
    }, {_G: 0.190605662622}),
}  # fmt: skip


@pytest.mark.parametrize("name", _GRIDS)
def test_grids_of_published_recordings(record, ask, name):
    readings, step, max_gap, columns, correlations = _GRIDS[name]
    rows = readings()
    session = record(rows, start_time=min(row["timestamp"] for row in rows))
    sensors = sorted({column.split()[0] for column in columns})
    grid = (session, sensors, step, max_gap)
    found = {row["column"]: (row["rows"], row["mean"]) for row in ask(_MEANS, *grid, list(columns))}
    assert found == {column: (count, pytest.approx(mean, rel=1e-9)) for column, (count, mean) in columns.items()}
    for column, r in correlations.items():
        [row] = ask(_CORRELATION, *grid, *grid, _A, column)
        assert row["r"] == pytest.approx(r, rel=1e-8), column


def test_a_row_at_a_reading_has_its_value_and_gaps_have_none(record, ask):
    times = {0: 1.0, 1000: 2.0, 1500: 10.0, 9000: 7.0}
    readings = [
        {"sensor_type": "light", "timestamp": 1_577_836_800_000 + ms, "data": {"lux": lux}} for ms, lux in times.items()
    ]
    session = record(readings, start_time="2020-01-01T00:00:00Z")
    rows = ask("select at, value from analytics.session_grid(%s, '{light}', '250 ms', '1 s')", session)
    seconds = [(row["at"] - datetime.fromisoformat("2020-01-01T00:00:00Z")).total_seconds() for row in rows]
    assert dict(zip(seconds, [row["value"] for row in rows], strict=True)) == {
        0: 1, 0.25: 1.25, 0.5: 1.5, 0.75: 1.75, 1: 2, 1.25: 6, 1.5: 10, 9: 7,
    }  # fmt: skip


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


def test_points_of_the_campus(ask):
    rows = [row for row in campus() if row["sensor_type"] == "accelerometer"]
    x = [(row["timestamp"] - rows[0]["timestamp"]) / 1000 for row in rows]
    y = [math.sqrt(sum(value * value for value in row["data"].values())) for row in rows]
    [found] = ask("select analytics.lttb(%s, %s, 100) as indexes", x, y)
    assert sum(found["indexes"]) == 1_725_715
    assert sum(y[index] for index in found["indexes"]) == pytest.approx(1_072.65179144, rel=1e-9)


@given(st.lists(st.floats(-1e6, 1e6), max_size=40), st.integers(-1, 45))
def test_points_are_distinct_in_order_and_include_both_ends(ask, y, points):
    x = [float(index) for index in range(len(y))]
    [found] = ask("select analytics.lttb(%s::float8[], %s::float8[], %s) as indexes", x, y, points)
    indexes = found["indexes"]
    assert indexes == sorted(set(indexes))
    assert len(indexes) == (points if 3 <= points < len(y) else len(y))
    assert indexes[:1] + indexes[-1:] == ([0, len(y) - 1] if y else [])
