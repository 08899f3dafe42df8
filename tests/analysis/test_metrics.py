"""analytics.session_metrics and metrics_report: readings in, statistics out."""

from math import sqrt
from statistics import fmean, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.readings import reading_at, series

pytestmark = pytest.mark.integration

METRICS = (
    "select axis, count, mean, std, min, max, peak_to_peak from analytics.session_metrics(%s) order by place, axis"
)

numbers = st.one_of(st.just(0.0), st.floats(1e-6, 1e6), st.floats(-1e6, -1e-6))
vectors = st.lists(st.tuples(numbers, numbers, numbers), min_size=1, max_size=40)


def test_axes_and_magnitude_of_two_readings(record, ask):
    session = record([reading_at(0, x=3.0, y=4.0, z=0.0), reading_at(1, x=0.0, y=0.0, z=1.0)])
    assert ask(METRICS, session) == [
        {"axis": axis, "count": 2, "mean": mean, "std": pytest.approx(std), "min": low, "max": high,
         "peak_to_peak": high - low}
        for axis, mean, std, low, high in [
            ("magnitude", 3.0, sqrt(8), 1.0, 5.0),
            ("x", 1.5, sqrt(4.5), 0.0, 3.0),
            ("y", 2.0, sqrt(8), 0.0, 4.0),
            ("z", 0.5, sqrt(0.5), 0.0, 1.0),
        ]
    ]  # fmt: skip


def test_one_reading_has_no_deviation(record, ask):
    session = record([reading_at(0, "barometer", pressure=1013.25)])
    assert ask(METRICS, session) == [
        {"axis": "pressure", "count": 1, "mean": 1013.25, "std": None, "min": 1013.25, "max": 1013.25,
         "peak_to_peak": 0.0}
    ]  # fmt: skip


def test_equal_values_deviate_by_exactly_nothing(record, ask):
    session = record(series([0.1] * 1000))
    assert [(row["mean"], row["std"]) for row in ask(METRICS, session)] == [(0.1, 0.0)]


def test_a_session_without_readings_has_no_rows(record, ask):
    assert ask(METRICS, record([])) == []


def test_no_magnitude_without_all_three_axes(record, ask):
    session = record([reading_at(0, "scale", x=1.0, y=2.0)])
    assert [row["axis"] for row in ask(METRICS, session)] == ["x", "y"]
    channels = ask("select axis from analytics.session_metrics(%s) where is_channel", session)
    assert [row["axis"] for row in channels] == ["x", "y"]


def test_negative_accuracy_speed_and_bearing_are_unknown(record, ask):
    fixes = [
        reading_at(0, "gps", latitude=1.0, longitude=1.0, accuracy=-1, speed=-1, bearing=-1),
        reading_at(1, "gps", latitude=1.0, longitude=1.0, accuracy=8, speed=0, bearing=90),
    ]
    rows = {row["axis"]: (row["count"], row["mean"]) for row in ask(METRICS, record(fixes))}
    assert rows == {"accuracy": (1, 8.0), "speed": (1, 0.0)}


def test_numeric_keys_of_extra_are_axes(record, ask):
    readings = [
        reading_at(0, "watch", heart_rate=60, cadence=80, state="rest", on=True, at={"depth": 3}),
        reading_at(1, "watch", heart_rate=62, cadence=90, load=1e200, x=2**60, magnitude=7),
    ]
    rows = {row["axis"]: (row["count"], row["mean"]) for row in ask(METRICS, record(readings))}
    assert rows == {"heart_rate": (2, 61.0), "cadence": (2, 85.0)}


def test_numbers_of_any_size_in_extra_break_nothing(record, ask):
    readings = [reading_at(n, "odd", a=value, b=1) for n, value in enumerate([1e308, -1e308, 1e-300, 9e307, 5])]
    rows = {row["axis"]: row["count"] for row in ask(METRICS, record(readings))}
    assert rows == {"a": 1, "b": 5}


def test_the_value_and_at_most_32_other_keys_the_most_frequent(record, ask):
    readings = [reading_at(n, "odd", a=1, b=2, **{f"key{n}": n}) for n in range(40)]
    axes = [row["axis"] for row in ask(METRICS, record(readings))]
    assert len(axes) == 33
    assert axes[:2] == ["a", "b"]


def test_a_value_called_magnitude(record, ask):
    session = record([reading_at(n, "quake", magnitude=n + 0.5) for n in range(3)])
    assert [(row["axis"], row["mean"]) for row in ask(METRICS, session)] == [("magnitude", 1.5)]
    assert ask("select channel, count from analytics.session_anomalies(%s)", session) == [
        {"channel": "magnitude", "count": 3}
    ]


def test_between_two_times(record, ask):
    session = record(series([1.0, 2.0, 3.0, 4.0]))
    rows = ask(
        "select m.count, m.mean from analytics.sessions as s,"
        " analytics.session_metrics(s.recording_id, s.start_time + '1 s', s.start_time + '2 s') as m"
        " where s.recording_id = %s",
        session,
    )
    assert rows == [{"count": 2, "mean": 2.5}]


def test_a_deleted_session_is_gone_at_once(record, ask, db):
    session = record(series([1.0, 2.0]))
    db.execute("select app.delete_session(user_id, session_id) from app.recording_sessions where id = %s", [session])
    assert db.execute("select count(*) from app.sensor_data").fetchone() == (2,)
    assert ask(METRICS, session) == []
    assert ask("select * from analytics.readings") == []
    for function in ("session_analysis", "anomaly_report", "metrics_report"):
        assert ask(f"select analytics.{function}(%s) as found", session) == [{"found": None}]


@given(vectors)
def test_equal_to_the_statistics_module(record, ask, values):
    session = record([reading_at(n, x=x, y=y, z=z) for n, (x, y, z) in enumerate(values)])
    columns = dict(zip("xyz", map(list, zip(*values, strict=True)), strict=True))
    columns["magnitude"] = [sqrt(x * x + y * y + z * z) for x, y, z in values]
    for row in ask(METRICS, session):
        column = columns[row["axis"]]
        spread = max(map(abs, column))
        assert row["mean"] == pytest.approx(fmean(column), rel=1e-9, abs=1e-9 * spread)
        assert (row["min"], row["max"]) == pytest.approx((min(column), max(column)), rel=1e-15)
        if len(column) > 1:
            assert row["std"] == pytest.approx(stdev(column), rel=1e-9, abs=1e-9 * spread)


@given(st.lists(numbers, min_size=2, max_size=60), st.data())
def test_merged_partials_equal_all_at_once(ask, values, data):
    cut = data.draw(st.integers(0, len(values)))
    merged, at_once = ask(
        "select float8_avg(m) as mean, float8_stddev_samp(m) as std from ("
        " select 1 as n, analytics.merged_moments(part) as m from ("
        " select analytics.moments(v) as part from unnest(%s::float8[]) as v"
        " union all select analytics.moments(v) from unnest(%s::float8[]) as v) as parts"
        " union all select 2, analytics.moments(v) from unnest(%s::float8[]) as v) as states order by n",
        values[:cut], values[cut:], values,
    )  # fmt: skip
    spread = max(map(abs, values))
    assert merged["mean"] == pytest.approx(at_once["mean"], rel=1e-9, abs=1e-9 * spread)
    assert merged["std"] == pytest.approx(at_once["std"], rel=1e-9, abs=1e-9 * spread)
    assert at_once["std"] == pytest.approx(stdev(values), rel=1e-9, abs=1e-9 * spread)


def test_the_report(record, ask):
    session = record([*series([1.0, 3.0]), reading_at(0, x=3.0, y=4.0, z=0.0)], sample_rate=1)
    [row] = ask("select analytics.metrics_report(%s) as report", session)
    report = row["report"]
    assert report.keys() == {"session_id", "record_count", "sensors"}
    assert (report["session_id"], report["record_count"]) == ("recording-0", 3)
    thermometer = report["sensors"]["thermometer"]
    assert thermometer.keys() == {"count", "axes", "quality"}
    assert thermometer["axes"] == {
        "temperature": {"count": 2, "mean": 2, "std": pytest.approx(sqrt(2)), "min": 1, "max": 3, "peak_to_peak": 2}
    }
    assert report["sensors"]["accelerometer"]["axes"].keys() == {"x", "y", "z", "magnitude"}
    assert thermometer["quality"]["first_at"] == "2025-10-09T08:53:20.000000Z"
