"""analytics.session_distance, session_stays: metres along the fixes, and where the phone rested."""

from dataclasses import astuple
from math import cos, pi, sin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.oracles.haversine import RADIUS_M
from tests.oracles.track import Limits, fix_of, minutes, possible, stays, total
from tests.support.readings import reading_at

pytestmark = pytest.mark.integration

DEGREE_M = RADIUS_M * 3.141592653589793 / 180
COLUMNS = "sensor, raw_m, gated_m, moving_m, unjoined_s, fixes, fixes_used, is_counted"
DISTANCE = f"select {COLUMNS} from analytics.session_distance(%s"
MINUTES = (
    "select (extract(epoch from bucket) * 1000000)::bigint as minute, fixes, fixes_used, raw_m, gated_m, moving_m,"
    " joined_s, unjoined_s from analytics.minute_distance(%s, %s, %s, %s, %s, %s, %s)"
)
# 50 m north.
STEP = 50 / DEGREE_M


def fix(seconds, latitude, longitude=10.0, **data):
    return reading_at(seconds, "gps", latitude=latitude, longitude=longitude, **data)


def close(metres):
    return None if metres is None else pytest.approx(metres, rel=1e-9, abs=1e-3)


def test_a_track_with_an_inaccurate_fix(record, ask):
    fixes = [fix(0, 0.0, accuracy=5), fix(10, 0.005, accuracy=50), fix(20, 0.002, accuracy=5), fix(30, 0.003)]
    assert ask(DISTANCE + ")", record(fixes)) == [
        {"sensor": "gps", "raw_m": close(0.009 * DEGREE_M), "gated_m": close(0.003 * DEGREE_M),
         "moving_m": close(0.003 * DEGREE_M), "unjoined_s": 0, "fixes": 4, "fixes_used": 3, "is_counted": True}
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("step_s", "gated", "unjoined_s"), [(1, 12, 0), (60, 12, 0), (61, 12, 0), (300, 12, 0), (3600, 12, 0)]
)
def test_phones_that_seldom_send_a_fix_travel_as_far(record, ask, step_s, gated, unjoined_s):
    [row] = ask(DISTANCE + ")", record([fix(step_s * n, n * STEP) for n in range(13)]))
    assert (row["gated_m"], row["raw_m"], row["unjoined_s"]) == (close(50 * gated), close(600), unjoined_s)


def test_a_hole_is_not_joined_and_its_seconds_are_reported(record, ask):
    session = record([fix(0, 0.0), fix(60, STEP), fix(121, 3 * STEP), fix(500, 9 * STEP), fix(501, 9.5 * STEP)])
    [row] = ask(DISTANCE + ")", session)
    # The median is 60.5 s.
    assert (row["gated_m"], row["unjoined_s"]) == (close(175), 379)
    [row] = ask(DISTANCE + ", _gap_factor => 1)", session)
    assert (row["gated_m"], row["unjoined_s"]) == (close(75), 440)
    [row] = ask(DISTANCE + ", _min_gap_s => 379)", session)
    assert (row["gated_m"], row["unjoined_s"], row["raw_m"]) == (close(475), 0, close(475))


def test_a_hole_may_be_made_by_the_accuracy(record, ask):
    fixes = [fix(n, n * STEP / 50, accuracy=5 if n < 100 or n > 300 else 99) for n in range(400)]
    [row] = ask(DISTANCE + ")", record(fixes))
    assert (row["raw_m"], row["gated_m"], row["unjoined_s"]) == (close(399), close(99 + 98), 202)


def test_without_an_accuracy_limit_all_fixes_are_used(record, ask):
    [row] = ask(DISTANCE + ", null)", record([fix(0, 0.0, accuracy=99), fix(10, STEP, accuracy=1e6)]))
    assert row["gated_m"] == row["raw_m"] == close(50)
    assert row["fixes_used"] == 2


NOWHERE = [(0.0, 0.0), (1.0, -122.0), (90.0, 0.0), (-37.0, 179.9), (37.6, 127.5)]


@pytest.mark.parametrize(("invalid", "place"), list(zip([-1.0, -0.1, -1e6, -1.0, -5.0], NOWHERE, strict=True)))
@pytest.mark.parametrize("at", range(3))
def test_a_negative_accuracy_says_that_the_coordinates_are_invalid(record, ask, invalid, place, at):
    fixes = [fix(n, 37.5665 + n * 1e-4, 126.978, accuracy=5) for n in range(3)]
    fixes.insert(at, fix(at - 0.5, *place, accuracy=invalid))
    [row] = ask(DISTANCE + ")", record(fixes))
    assert (row["raw_m"], row["gated_m"], row["fixes"]) == (close(2e-4 * DEGREE_M), close(2e-4 * DEGREE_M), 3)


@pytest.mark.parametrize(("accuracy", "outliers"), [({}, 1), ({"accuracy": 12}, 3), ({"accuracy": 0}, 4)])
@pytest.mark.parametrize("place", NOWHERE[:2])
@pytest.mark.parametrize("at", [0, 1, 5, 10])
def test_a_fix_that_cannot_have_been_reached_leaves_out_itself(record, ask, accuracy, place, outliers, at):
    fixes = [fix(n, 37.5665 + n * 1e-4, 126.978, **accuracy) for n in range(10)]
    fixes[at:at] = [fix(at - 0.9 + n / 10, *place, **accuracy) for n in range(outliers)]
    [row] = ask(DISTANCE + ")", record(fixes))
    assert (row["raw_m"], row["gated_m"], row["fixes"]) == (close(9e-4 * DEGREE_M), close(9e-4 * DEGREE_M), 10)


def test_the_speed_that_is_possible_is_a_parameter_and_a_setting(record, ask, db):
    session = record([fix(n, n * 5 * STEP) for n in range(10)])
    [row] = ask(DISTANCE + ")", session)
    # From one fix on, each is reached no faster than the next.
    assert (row["raw_m"], row["gated_m"], row["fixes_used"]) == (None, None, 1)
    [row] = ask(DISTANCE + ", _max_speed_m_s => 251)", session)
    assert (row["gated_m"], row["fixes_used"]) == (close(2250), 10)
    db.execute("set koodtx.max_speed_m_s = '251'")
    assert ask(DISTANCE + ")", session) == [row]
    assert ask(DISTANCE + ", _max_speed_m_s => 'infinity')", session) == [row]


@pytest.mark.parametrize(("fixes", "used"), [([fix(0, 1.0)], 1), ([fix(0, 1.0, accuracy=99), fix(1, 1.0)], 1)])
def test_what_is_not_known_is_null_and_not_0(record, ask, fixes, used):
    [row] = ask(DISTANCE + ")", record(fixes))
    assert (row["gated_m"], row["moving_m"], row["unjoined_s"], row["fixes_used"]) == (None, None, 0, used)


def test_0_says_that_the_phone_did_not_move(record, ask):
    [row] = ask(DISTANCE + ")", record([fix(0, 1.0), fix(1, 1.0)]))
    assert (row["raw_m"], row["gated_m"], row["moving_m"]) == (0, 0, 0)


def test_no_distance_while_at_rest(record, ask):
    """Ten minutes on a spot with noise, then 500 m."""
    rest = [fix(n, n % 3 * STEP / 10, 10 + n % 2 * STEP / 10) for n in range(600)]
    session = record([*rest, *(fix(600 + n, n * STEP / 25) for n in range(250))])
    [row] = ask(DISTANCE + ")", session)
    assert row["gated_m"] > 3000
    assert 400 < row["moving_m"] < 500
    [stay] = ask("select * from analytics.session_stays(%s)", session)
    assert (stay["sensor"], stay["duration_s"], stay["fixes"]) == ("gps", 625, 626)
    [row] = ask(DISTANCE + ", _stay_s => 1000)", session)
    assert row["moving_m"] == row["gated_m"]


@pytest.mark.parametrize("missing", ["latitude", "longitude"])
def test_half_a_fix_is_none(record, ask, missing):
    half = {"latitude": 5.0, "longitude": 10.0}
    del half[missing]
    [row] = ask(DISTANCE + ")", record([fix(0, 0.0), reading_at(1, "gps", **half), fix(2, STEP)]))
    assert (row["fixes"], row["raw_m"]) == (2, close(50))


@pytest.mark.parametrize("longitude", [180.1, 181, 200.5, 350.25, 359.99])
def test_longitudes_up_to_360_are_folded(record, ask, longitude):
    east = [fix(n, 0.0, longitude + n * STEP / 10) for n in range(3)]
    session = record([*east, fix(4, 0.0, longitude - 360 + 4 * STEP / 10)])
    [row] = ask(DISTANCE + ")", session)
    assert (row["gated_m"], row["fixes"]) == (close(20), 4)
    [stay] = ask("select longitude from analytics.session_stays(%s, 50, 1)", session)
    assert stay["longitude"] == pytest.approx(longitude - 360 + 1.75 * STEP / 10)


@pytest.mark.parametrize(
    "place", [(91, 10), (-90.1, 10), (0, 360.1), (0, -180.5), (0, 1e300), ("0", 10), (0, "200"), (0, None), (0, [200])]
)
def test_what_is_not_on_the_globe_is_no_fix(record, ask, place):
    [row] = ask(DISTANCE + ")", record([fix(0, 0.0), fix(1, *place), fix(2, STEP)]))
    assert (row["fixes"], row["raw_m"]) == (2, close(50))


def test_over_the_180th_meridian(record, ask):
    fixes = [fix(n, 0.0, 179.9999 + n * STEP / 10 - (360 if n > 2 else 0)) for n in range(4)]
    session = record(fixes)
    [row] = ask(DISTANCE + ")", session)
    assert row["gated_m"] == close(15)
    [stay] = ask("select longitude from analytics.session_stays(%s, 50, 1)", session)
    assert stay["longitude"] == pytest.approx(179.9999 + 1.5 * STEP / 10, abs=1e-9)


@pytest.mark.parametrize("before", [1, 999, 1000, 2500])
def test_the_first_fix_may_come_late(record, ask, before):
    rows = [reading_at(n / 100, "gps", satellites=2) for n in range(before)]
    rows += [fix(before / 100 + n, n * 1e-4) for n in range(60)]
    [row] = ask(DISTANCE + ")", record(rows))
    assert row["gated_m"] == close(59e-4 * DEGREE_M)


def test_no_sensor_with_coordinates_no_row(record, ask):
    assert ask(DISTANCE + ")", record([reading_at(0, x=1.0)])) == []


def test_each_sensor_alone_and_one_is_counted(record, ask):
    other = [reading_at(n * 100 + 0.5, "car", latitude=n / 100, longitude=0.0) for n in range(3)]
    rows = ask(DISTANCE + ")", record([fix(0, 0.0), fix(10, STEP), *other]))
    assert [(row["sensor"], row["fixes"], row["raw_m"], row["is_counted"]) for row in rows] == [
        ("car", 3, close(0.02 * DEGREE_M), True),
        ("gps", 2, close(50), False),
    ]


@pytest.mark.parametrize("names", [("gps", "location"), ("location", "gps")])
def test_two_sensors_with_the_same_way_do_not_add_up(record, ask, names):
    used, inaccurate = names
    record(
        [reading_at(n, used, latitude=n * STEP, longitude=1.0, speed=50) for n in range(60)]
        + [reading_at(n, inaccurate, latitude=n * STEP, longitude=1.0, speed=50, accuracy=n) for n in range(60)]
    )
    [found] = ask("select analytics.user_statistics(id, '2025-10-01', '2025-10-31') as found from app.users")
    distances = [found["found"][name] for name in ("distance_m", "raw_distance_m", "moving_distance_m")]
    assert distances == [close(59 * 50)] * 3
    days = ask(
        "select d.sensor, d.distance_m from app.users, analytics.user_local_day(id, '2025-10-01', '2025-10-31') as d"
    )
    assert {row["sensor"]: row["distance_m"] for row in days} == {used: close(59 * 50), inaccurate: None}
    assert ask("select sum(distance_m) as m from analytics.sensor_distance where is_counted") == [{"m": close(59 * 50)}]


def test_part_of_a_recording_is_that_of_the_whole(record, ask):
    """A leg belongs to the minute of its later fix, and is measured with the limits of the whole."""
    session = record([fix(90 * n, n * STEP) for n in range(20)])
    middle = "(select date_trunc('minute', start_time + interval '10 minutes') from analytics.sessions)"
    [whole] = ask(DISTANCE + ")", session)
    [first] = ask(DISTANCE + f", _to => {middle} - interval '1 us')", session)
    [rest] = ask(DISTANCE + f", _from => {middle})", session)
    assert first["gated_m"] + rest["gated_m"] == close(whole["gated_m"])
    assert first["fixes"] + rest["fixes"] == whole["fixes"]


# Places that are near each other, some of them a walk away and a few impossible.
places = st.one_of(
    st.tuples(st.integers(0, 30), st.integers(0, 30)),
    st.tuples(st.integers(0, 3000), st.integers(0, 3)),
    st.tuples(st.integers(-9_000_000, 9_000_000), st.integers(-18_000_000, 18_000_000)),
)
tracks = st.lists(
    st.tuples(
        st.integers(1, 4_000_000) | st.integers(1, 90), places, st.sampled_from([None, None, -1.0, 3.0, 20.0, 20.5])
    ),
    min_size=1, max_size=60,
)  # fmt: skip
limits = st.builds(
    Limits,
    accuracy_max_m=st.sampled_from([None, 20, 3]),
    min_gap_s=st.sampled_from([0, 60, 7]),
    gap_factor=st.sampled_from([3, 1, 2.5]),
    max_speed_m_s=st.sampled_from([100, 5, 1e9]),
    stay_m=st.sampled_from([50, 10, 1e6]),
    stay_s=st.sampled_from([300, 10, 60]),
)


@given(tracks, limits)
def test_equal_to_plain_python(record, ask, track, limits):
    """Each minute, and the stays."""
    at, readings = 0, []
    for step, (north, east), accuracy in track:
        # Small steps are seconds, large ones microseconds.
        at += step * 1_000_000 if step <= 90 else step
        known = {} if accuracy is None else {"accuracy": accuracy}
        readings.append(fix(at / 1_000_000, north / 100_000, east / 100_000, **known))
    session = record(readings)
    fixes = [found for row in readings if (found := fix_of(round(row["timestamp"] * 1000), row["data"])) is not None]
    expected = minutes(fixes, limits)
    rows = {row.pop("minute"): row for row in ask(MINUTES, session, *astuple(limits))}
    assert rows.keys() == expected.keys()
    for minute, row in rows.items():
        assert row == {name: close(value) for name, value in expected[minute].items()}
    if fixes and limits.stay_s:
        found = ask(
            "select (extract(epoch from from_at) * 1000000)::bigint as first, fixes, duration_s"
            " from analytics.session_stays(%s, %s, %s, null, %s)",
            session, limits.stay_m, limits.stay_s, limits.max_speed_m_s,
        )  # fmt: skip
        kept = possible(sorted(fixes), limits.max_speed_m_s)
        assert found == [
            {
                "first": kept[first].micros,
                "fixes": last - first + 1,
                "duration_s": pytest.approx((kept[last].micros - kept[first].micros) / 1e6),
            }
            for first, last in stays(kept, limits.stay_m, limits.stay_s)
        ]


def test_the_oracle_sums_what_the_function_sums(record, ask):
    readings = [fix(7 * n, (n % 40) * STEP / 3, accuracy=n % 25) for n in range(300)]
    fixes = [fix_of(round(row["timestamp"] * 1000), row["data"]) for row in readings]
    [row] = ask(DISTANCE + ")", record(readings))
    expected = total(minutes([found for found in fixes if found is not None]).values())
    assert {name: row[name] for name in expected} == {name: close(value) for name, value in expected.items()}


def test_a_track_that_seems_to_rest_has_no_moving_distance(record, ask):
    """NULL where stays would take too long to find: around a circle of which only opposite points are too far apart."""
    points = [fix(n / 10, *circle) for n, circle in enumerate(_circle(20_000, 25 * (1 + 3e-7) / DEGREE_M))]
    session = record(points)
    [row] = ask(DISTANCE + ", _max_speed_m_s => 'infinity')", session)
    assert row["moving_m"] is None
    assert row["gated_m"] > 0


def _circle(count, radius):
    return [(radius * sin(n * pi / 1500), 10 + radius * cos(n * pi / 1500)) for n in range(count)]


def test_statistics_do_not_leave_out_what_was_archived_with_another_limit(record, ask, db):
    """The first session is archived with the default limit of 20 m."""
    sessions = [record([fix(n + later, n / 10_000) for n in range(5)]) for later in (0, 7200)]
    [[user]] = db.execute("select user_id from analytics.sessions where recording_id = %s", [sessions[0]]).fetchall()
    query = "select analytics.user_statistics(%s, '2020-01-01', '2026-12-31', %s) as found"

    def found(limit):
        [row] = ask(query, user, limit)
        return [row["found"][name] for name in ("distance_m", "moving_distance_m", "unjoined_s", "raw_distance_m")]

    before = found(20)
    assert None not in before
    assert found(50) == before
    db.execute("select app.archive_readings(%s)", [sessions[0]])
    assert found(20) == pytest.approx(before)
    assert found(50) == [None, None, None, pytest.approx(before[3])]


@pytest.mark.parametrize(
    ("accuracy", "used"), [(1e16, 2), (3.4028235e38, 2), (1.7976931348623157e308, 2), (-1e16, 2), (1e-300, 3)]
)
def test_an_accuracy_beyond_its_column_is_compared_too(record, ask, accuracy, used):
    [row] = ask(
        f"{DISTANCE})",
        record([fix(0, 47, accuracy=5), fix(1, 47 + STEP, accuracy=accuracy), fix(2, 47 + STEP, accuracy=5)]),
    )
    assert (row["fixes_used"], row["fixes"]) == (used, 2 if accuracy < 0 else 3)
