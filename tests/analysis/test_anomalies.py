"""analytics.session_anomalies: which readings lie far off, in its three modes."""

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.oracles.outliers import global_outliers, robust_outliers, rolling_outliers
from tests.support.readings import START_MS, reading_at, series

pytestmark = pytest.mark.integration

ANOMALIES = "select channel, count, anomalies, ratio, timestamps from analytics.session_anomalies(%s, %s, %s, %s)"

# No ratio of small integers, so no reading lies on the border by its last digit only.
SENSITIVITY = 1.7320517
values = st.lists(st.integers(-50, 50), min_size=1, max_size=60)


def positions(row):
    """Which readings the row names, by their second."""
    return [round(at.timestamp() - START_MS / 1000) for at in row["timestamps"]]


def found(record, ask, values, mode="global", sensitivity=SENSITIVITY, window_s=20):
    [row] = ask(ANOMALIES, record(series(values)), sensitivity, mode, window_s)
    assert row["anomalies"] == len(row["timestamps"])
    assert row["ratio"] == row["anomalies"] / row["count"]
    return positions(row)


def test_one_spike(record, ask):
    assert found(record, ask, [1.0, 2.0] * 10 + [50.0], sensitivity=3) == [20]


def test_strictly_more_than_the_sensitivity(record, ask):
    # Mean 0, deviation 1: z of the ends is 1.5 and -1.5, in doubles exactly.
    values = [-1.5, 1.5] + [-0.5] * 7 + [0.5] * 7
    deviation = (8 / 15) ** 0.5
    assert found(record, ask, values, sensitivity=1.5 / deviation - 1e-9) == [0, 1]
    assert found(record, ask, values, sensitivity=1.5 / deviation + 1e-9) == []


@pytest.mark.parametrize("mode", ["global", "robust", "rolling"])
@pytest.mark.parametrize("values", [[45.0] * 50, [0.1] * 50, [7.0]])
def test_what_never_changes_has_no_anomaly(record, ask, mode, values):
    assert found(record, ask, values, mode) == []


def test_magnitude_of_three_axes_is_the_channel(record, ask):
    session = record(
        [reading_at(n, x=1.0, y=2.0, z=2.0 if n % 2 else 2.1) for n in range(40)]
        + [reading_at(40, x=99.0, y=0.0, z=0.0)]
    )
    [row] = ask(ANOMALIES, session, 3, "global", 60)
    assert (row["channel"], positions(row)) == ("magnitude", [40])


def test_every_scalar_is_a_channel(record, ask):
    readings = [reading_at(n, "watch", heart_rate=60 + n % 2, cadence=80 + n % 3) for n in range(30)]
    readings.append(reading_at(30, "watch", heart_rate=60, cadence=200))
    rows = ask(ANOMALIES + " order by place, channel", record(readings), 3, "global", 60)
    assert [(row["channel"], positions(row)) for row in rows] == [("heart_rate", []), ("cadence", [30])]


def test_robust_finds_what_hides_behind_greater_outliers(record, ask):
    values = [1.0, 1.1, 0.9, 1.2, 0.8] * 6 + [10.0] + [1000.0] * 3
    assert found(record, ask, values, "global", 3) == [31, 32, 33]
    assert found(record, ask, values, "robust", 3) == [30, 31, 32, 33]


def test_rolling_follows_slow_change(record, ask):
    values = [n + (n % 2) / 2 for n in range(100)]
    values[70] = 40.0
    assert found(record, ask, values, "global", 2) == []
    assert found(record, ask, values, "rolling", 3) == [70]


def test_timestamps_of_the_first_thousand(record, ask):
    readings = [reading_at(n / 100, "thermometer", temperature=float(n % 2)) for n in range(2400)]
    [row] = ask(ANOMALIES, record(readings), 0.5, "global", 60)
    assert (row["anomalies"], len(row["timestamps"])) == (2400, 1000)
    assert row["timestamps"] == sorted(row["timestamps"])


@given(values)
def test_global_equals_plain_python(record, ask, values):
    assert found(record, ask, values) == global_outliers(values, SENSITIVITY)


@given(values)
def test_robust_equals_plain_python(record, ask, values):
    assert found(record, ask, values, "robust") == robust_outliers(values, SENSITIVITY)


@given(values)
def test_rolling_equals_plain_python(record, ask, values):
    times = [float(index) for index in range(len(values))]
    assert found(record, ask, values, "rolling") == rolling_outliers(times, values, SENSITIVITY, 20)


@given(
    values, st.sampled_from([0.25, 8, 1024]), st.integers(-1000, 1000), st.sampled_from(["global", "robust", "rolling"])
)
def test_unchanged_by_shift_and_scale(record, ask, values, scale, shift, mode):
    assert found(record, ask, [value * scale + shift for value in values], mode) == found(record, ask, values, mode)


@pytest.mark.parametrize(
    "arguments",
    [
        {"_sensitivity": 0}, {"_sensitivity": -1}, {"_sensitivity": "NaN"}, {"_sensitivity": "Infinity"},
        {"_sensitivity": None}, {"_mode": "median"}, {"_mode": None}, {"_mode": "rolling", "_window_s": 0},
        {"_mode": "rolling", "_window_s": "NaN"}, {"_mode": "rolling", "_window_s": None},
    ],
)  # fmt: skip
def test_arguments_out_of_bounds_are_refused(record, ask, arguments):
    named = ", ".join(f"{name} => %s" for name in arguments)
    with pytest.raises(psycopg.errors.InvalidParameterValue):
        ask(f"select * from analytics.session_anomalies(1, {named})", *arguments.values())


def test_the_report(record, ask):
    readings = [reading_at(n, "watch", heart_rate=60 + n % 2, cadence=80 + n % 3) for n in range(30)]
    session = record([*readings, reading_at(30, "watch", heart_rate=180, cadence=81), reading_at(0, "still", level=1)])
    [row] = ask("select analytics.anomaly_report(%s) as report", session)
    report = row["report"]
    assert {key: report[key] for key in ("session_id", "sensitivity", "mode", "window_s")} == {
        "session_id": "recording-0", "sensitivity": 3, "mode": "global", "window_s": None,
    }  # fmt: skip
    watch = report["sensors"]["watch"]
    assert watch["channels"].keys() == {"heart_rate", "cadence"}
    assert watch == watch["channels"]["heart_rate"] | {"channel": "heart_rate", "channels": watch["channels"]}
    assert watch["anomalies"] == 1
    assert watch["timestamps"] == ["2025-10-09T08:53:50.000000Z"]
    assert report["sensors"]["still"]["anomalies"] == 0
