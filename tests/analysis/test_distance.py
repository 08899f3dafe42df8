"""analytics.session_distance: metres along the fixes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.oracles.haversine import RADIUS_M
from tests.oracles.track import length_m
from tests.support.readings import reading_at

pytestmark = pytest.mark.integration

DEGREE_M = RADIUS_M * 3.141592653589793 / 180
DISTANCE = "select sensor, raw_m, gated_m, fixes, fixes_used from analytics.session_distance(%s"


def fix(seconds, latitude, longitude=10.0, **data):
    return reading_at(seconds, "gps", latitude=latitude, longitude=longitude, **data)


def test_a_track_with_a_bad_fix(record, ask):
    fixes = [fix(0, 0.0, accuracy=5), fix(1, 0.01, accuracy=50), fix(2, 0.002, accuracy=5), fix(3, 0.003)]
    assert ask(DISTANCE + ")", record(fixes)) == [
        {"sensor": "gps", "raw_m": pytest.approx(0.019 * DEGREE_M), "gated_m": pytest.approx(0.003 * DEGREE_M),
         "fixes": 4, "fixes_used": 3}
    ]  # fmt: skip


def test_never_joined_over_a_gap(record, ask):
    session = record([fix(0, 0.0), fix(60, 0.001), fix(121, 0.5), fix(122, 0.501)])
    [row] = ask(DISTANCE + ")", session)
    assert row["raw_m"] == pytest.approx(0.002 * DEGREE_M)
    [row] = ask(DISTANCE + ", _max_gap_s => 61)", session)
    assert row["raw_m"] == pytest.approx(0.501 * DEGREE_M)


def test_a_gap_may_be_made_by_the_gate(record, ask):
    [row] = ask(DISTANCE + ")", record([fix(0, 0.0), fix(40, 0.001, accuracy=99), fix(80, 0.002)]))
    assert (row["raw_m"], row["gated_m"]) == (pytest.approx(0.002 * DEGREE_M), 0.0)


def test_without_a_gate_both_are_the_same(record, ask):
    [row] = ask(DISTANCE + ", null)", record([fix(0, 0.0, accuracy=99), fix(1, 0.001, accuracy=99)]))
    assert row["gated_m"] == row["raw_m"] == pytest.approx(0.001 * DEGREE_M)
    assert row["fixes_used"] == 2


def test_negative_accuracy_is_unknown_and_passes(record, ask):
    [row] = ask(DISTANCE + ")", record([fix(0, 0.0, accuracy=-1), fix(1, 0.001, accuracy=-1)]))
    assert row["fixes_used"] == 2


def test_one_fix_goes_nowhere(record, ask):
    assert ask(DISTANCE + ")", record([fix(0, 1.0)])) == [
        {"sensor": "gps", "raw_m": 0.0, "gated_m": 0.0, "fixes": 1, "fixes_used": 1}
    ]


def test_half_a_fix_is_none(record, ask):
    session = record([fix(0, 0.0), reading_at(1, "gps", latitude=5.0), fix(2, 0.001)])
    [row] = ask(DISTANCE + ")", session)
    assert (row["fixes"], row["raw_m"]) == (2, pytest.approx(0.001 * DEGREE_M))


def test_no_sensor_with_coordinates_no_row(record, ask):
    assert ask(DISTANCE + ")", record([reading_at(0, x=1.0)])) == []


def test_each_sensor_alone(record, ask):
    other = [reading_at(n + 0.5, "car", latitude=n / 100, longitude=0.0) for n in range(3)]
    rows = ask(DISTANCE + ")", record([fix(0, 0.0), fix(1, 0.001), *other]))
    assert [(row["sensor"], row["fixes"], row["raw_m"]) for row in rows] == [
        ("car", 3, pytest.approx(0.02 * DEGREE_M)),
        ("gps", 2, pytest.approx(0.001 * DEGREE_M)),
    ]


fixes = st.lists(
    st.tuples(
        st.integers(0, 600), st.integers(-9000, 9000), st.integers(-18000, 18000),
        st.sampled_from([None, -1.0, 3.0, 20.0, 20.5]),
    ),
    min_size=1, max_size=40, unique_by=lambda found: found[0],
)  # fmt: skip


@given(fixes, st.sampled_from([1.0, 30.0, 60.0]))
def test_equal_to_plain_python(record, ask, fixes, gap):
    track = [(float(at), latitude / 100, longitude / 100, accuracy) for at, latitude, longitude, accuracy in fixes]
    session = record(
        [
            fix(at, latitude, longitude, **({} if accuracy is None else {"accuracy": accuracy}))
            for at, latitude, longitude, accuracy in track
        ]
    )
    [row] = ask(DISTANCE + ", 20, %s)", session, gap)
    assert row["raw_m"] == pytest.approx(length_m(track, None, gap), rel=1e-9, abs=1)
    assert row["gated_m"] == pytest.approx(length_m(track, 20, gap), rel=1e-9, abs=1)
