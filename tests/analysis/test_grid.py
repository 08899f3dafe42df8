"""analytics.session_grid, against values computed with numpy."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.oracles.alignment import grid
from tests.support.marks import long_except
from tests.support.readings import START_MS, reading_at
from tests.support.recordings import campus, geotec, strapdown

pytestmark = pytest.mark.integration

_MEANS = """
    select
        sensor || ' ' || axis as column, count(*) as rows, count(value) as present, avg(value) as mean,
        to_char(min(at), 'HH24:MI:SS.MS') as first
    from analytics.session_grid(%s, %s, %s, %s) where sensor || ' ' || axis = any(%s) group by sensor, axis
"""
_CORRELATION = """
    select corr(first, second) as r
    from (
        select
            max(value) filter (where sensor || ' ' || axis = %(first)s) as first,
            max(value) filter (where sensor || ' ' || axis = %(second)s) as second
        from analytics.session_grid(%(session)s, %(sensors)s, %(step)s, %(max_gap)s, %(axes)s)
        group by at
    ) as wide
"""
_A, _G, _P, _S = "accelerometer magnitude", "gyroscope magnitude", "barometer pressure", "gps speed"
_M, _X = "magnetometer magnitude", "accelerometer x"
_GRIDS = {
    "ethz 20 ms": (campus, "20 ms", "1 s", 35_083, "15:50:47.380", {
        _A: (35_083, 9.74375680397), _G: (35_032, 0.218907437871),
    }, {_G: 0.299575419956}),
    "ethz 100 ms": (campus, "100 ms", "1 s", 7_017, "15:50:47.400", {
        _A: (7_017, 9.73733063967), _X: (7_017, 0.0196673110991), _G: (7_006, 0.218832859930),
        _M: (7_007, 21.6578040804), _P: (7_010, 947.202573789), _S: (5_369, 0.890368696033),
    }, {_G: 0.292286280448, _M: 0.0130893526673, _P: -0.00136963829190, _S: 0.00468113374961}),
    "drive 1 s": (strapdown, "1 s", "5 s", 1_648, "20:34:27.000", {
        _A: (455, 9.82998634146), _S: (1_648, 6.33467218709),
    }, {_S: 0.0371651509910}),
    "drive 250 ms": (strapdown, "250 ms", "1 s", 6_589, "20:34:27.000", {
        _A: (1_786, 9.81805565808), _S: (6_589, 6.33695083585), _P: (1_783, 1013.98455010),
    }, {_S: 0.0474753828365}),
    "sp": (lambda: geotec("sp"), "20 ms", "100 ms", 659, "10:06:17.820", {
        _A: (659, 10.4935115636), _G: (659, 1.27272296942),
    }, {_G: 0.135126775593}),
    "sw": (lambda: geotec("sw"), "20 ms", "100 ms", 660, "10:06:17.820", {
        _A: (660, 10.3412247367), _G: (660, 1.86423373862),
    }, {_G: 0.190605662622}),
}  # fmt: skip


@pytest.mark.parametrize("name", long_except(_GRIDS, *_GRIDS.keys() - {"ethz 100 ms", "ethz 20 ms"}))
def test_grids_of_published_recordings(record, ask, db, name):
    readings, step, max_gap, count, first, columns, correlations = _GRIDS[name]
    rows = readings()
    session = record(rows, start_time=min(row["timestamp"] for row in rows))
    sensors = sorted({column.split()[0] for column in columns})
    axes = sorted({column.split()[1] for column in columns})
    found = ask(_MEANS, session, sensors, step, max_gap, list(columns))
    assert {row["column"]: (row["rows"], row["first"], row["present"], row["mean"]) for row in found} == {
        column: (count, first, present, pytest.approx(mean, rel=1e-9)) for column, (present, mean) in columns.items()
    }
    for column, r in correlations.items():
        given = {"session": session, "sensors": sensors, "step": step, "max_gap": max_gap, "axes": axes}
        [(answer,)] = db.execute(_CORRELATION, given | {"first": _A, "second": column}).fetchall()
        assert answer == pytest.approx(r, rel=1e-9), column


_BINS = """
    select count(*) as bins, corr(phone.mean, watch.mean) as r
    from (
        select date_bin('20 ms', recorded_at, '1970-01-01Z') as bin, avg(magnitude) as mean
        from analytics.session_readings(%s) where sensor = 'accelerometer' group by bin
    ) as phone
    join (
        select date_bin('20 ms', recorded_at, '1970-01-01Z') as bin, avg(magnitude) as mean
        from analytics.session_readings(%s) where sensor = 'accelerometer' group by bin
    ) as watch using (bin)
"""


def test_two_devices_by_bins(record, ask):
    phone, watch = (record(geotec(device), start_time="2022-07-11T10:06:00Z") for device in ("sp", "sw"))
    assert ask(_BINS, phone, watch) == [{"bins": 599, "r": pytest.approx(0.272674744281, rel=1e-9)}]


def test_a_row_at_a_reading_has_its_value_and_gaps_have_none(record, ask):
    times = {0: 1.0, 1000: 2.0, 1500: 10.0, 9000: 7.0}
    readings = [
        {"sensor_type": "light", "timestamp": 1_577_836_800_000 + ms, "data": {"lux": lux}} for ms, lux in times.items()
    ]
    session = record(readings, start_time="2020-01-01T00:00:00Z")
    rows = ask("select at, value from analytics.session_grid(%s, '{light}', '250 ms', '1 s')", session)
    seconds = {(row["at"] - datetime(2020, 1, 1, tzinfo=UTC)).total_seconds(): row["value"] for row in rows}
    assert len(seconds) == len(rows) == 37
    assert {at: value for at, value in seconds.items() if value is not None} == {
        0: 1, 0.25: 1.25, 0.5: 1.5, 0.75: 1.75, 1: 2, 1.25: 6, 1.5: 10, 9: 7,
    }  # fmt: skip


_MILLISECONDS = st.lists(st.integers(0, 4_000), min_size=1, max_size=12, unique=True).map(sorted)
_VALUES = st.integers(-(10**6), 10**6).map(lambda n: n / 8)
_START = START_MS * 1000


@given(_MILLISECONDS, _MILLISECONDS, st.lists(_VALUES, min_size=24, max_size=24), st.data())
def test_a_grid_equals_plain_python(record, ask, first, second, values, data):
    """Two sensors, of which one begins or ends earlier; steps of any length."""
    step_us = data.draw(st.integers(37_000, 3_000_000))
    gap_us = data.draw(st.integers(0, 4_000_000))
    times = {"left": first, "right": second}
    lines = {
        name: [(_START + at * 1000, values[n]) for n, at in enumerate(found, 12 * (name == "right"))]
        for name, found in times.items()
    }
    session = record(
        [
            {"sensor_type": name, "timestamp": at / 1000, "data": {"level": value}}
            for name, line in lines.items()
            for at, value in line
        ]
    )
    rows = ask(
        "select * from analytics.session_grid(%s, '{right,left}', %s, %s)",
        session, timedelta(microseconds=step_us), timedelta(microseconds=gap_us),
    )  # fmt: skip
    assert {row["axis"] for row in rows} <= {"level"}
    found = {(round(row["at"].timestamp() * 1e6), row["sensor"]): row["value"] for row in rows}
    assert len(found) == len(rows)
    assert found == {
        key: value if value is None else pytest.approx(value, rel=1e-9, abs=1e-9)
        for key, value in grid(lines, step_us, gap_us).items()
    }


def test_every_axis_is_a_column_except_the_bearing(record, ask):
    session = record(
        [
            reading_at(n, "gps", latitude=1.0, longitude=2.0, altitude=3.0, speed=4, accuracy=5, bearing=6, floor=7)
            for n in range(3)
        ]
        + [reading_at(n, x=1.0, y=2.0, z=2.0, note="text") for n in range(3)]
        + [reading_at(n, "light", lux=n) for n in range(3)]
    )
    query = (
        "select sensor, axis, avg(value) as mean from analytics.session_grid(%s, %s, '1 s', '1 s', %s) group by 1, 2"
    )
    rows = ask(query, session, ["gps", "accelerometer", "light", "none"], None)
    assert {(row["sensor"], row["axis"]): row["mean"] for row in rows} == {
        ("gps", "latitude"): 1, ("gps", "longitude"): 2, ("gps", "altitude"): 3, ("gps", "speed"): 4,
        ("gps", "accuracy"): 5, ("gps", "floor"): 7,
        ("accelerometer", "x"): 1, ("accelerometer", "y"): 2, ("accelerometer", "z"): 2,
        ("accelerometer", "magnitude"): 3, ("light", "lux"): 1,
    }  # fmt: skip
    rows = ask(query, session, ["gps", "accelerometer", "accelerometer"], ["floor", "x", "x", "bearing", "note", "lux"])
    assert {(row["sensor"], row["axis"]) for row in rows} == {("gps", "floor"), ("accelerometer", "x")}


@pytest.mark.parametrize("step", ["0 s", "-1 s", None])
def test_a_step_that_is_none_has_no_rows(record, ask, step):
    session = record([reading_at(n, "light", lux=n) for n in range(3)])
    assert ask("select * from analytics.session_grid(%s, '{light}', %s::interval, '1 s')", session, step) == []


def test_gaps_and_steps_may_be_endless(record, ask):
    session = record([reading_at(at, "light", lux=at) for at in (0, 4_000)])
    query = "select count(*) as rows, count(value) as present from analytics.session_grid(%s, '{light}', %s, %s)"
    assert ask(query, session, "1000 s", "100000 years") == [{"rows": 5, "present": 5}]
    assert ask(query, session, "100000 years", "1 s") == [{"rows": 0, "present": 0}]
    assert ask(query, session, "1000 s", None) == [{"rows": 5, "present": 5}]
    assert ask(query, session, "1000 s", "3999 s") == [{"rows": 5, "present": 2}]


def test_archived_readings_are_not_on_the_grid(record, ask, db):
    session = record([reading_at(n, "light", lux=n) for n in range(3)])
    db.execute("select app.archive_readings(%s)", [session])
    assert ask("select * from analytics.session_grid(%s, '{light}', '1 s', '1 s')", session) == []
