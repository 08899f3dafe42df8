"""analytics.user_stays and user_mobility: published definitions, a made day, and plain Python."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.analysis.test_reference_distances import RECORDINGS, STAYS, near
from tests.oracles import local_days
from tests.oracles.haversine import distance_m
from tests.oracles.mobility import day_mobility, home_of, placed_stays
from tests.oracles.track import Fix
from tests.support.readings import DAY_MS, START_MS, reading_at

pytestmark = pytest.mark.integration

_MOBILITY = "select m.* from analytics.users as u, analytics.user_mobility(u.id, {}) as m order by m.day"
_STAYS = "select s.* from analytics.users as u, analytics.user_stays(u.id, {}) as s"
_BERLIN = "'2026-03-10', '2026-03-10', 'Europe/Berlin', 100, 600"
# Radius of gyration, and farthest from the first fix.
_EXTENTS = {
    "ethz": (91.6218112090, 224.721105424),
    "1hz": (2_502.36124132, 8_083.98344041),
    "fastgpx": (1_850.66394167, 5_212.03237912),
    "cerknicko": (247.880797246, 704.654829110),
    "visnjan": (402.843276957, 941.357531602),
    "sup": (150.143236390, 383.378949433),
}
_HOME, _WORK = (52.5, 13.4), (52.52, 13.46)


def exact(value):
    """Sums of a thousand differences of positions lose digits."""
    return pytest.approx(value, rel=1e-9)


def made_day(begin):
    """A fix per minute: at home, at work from the 510th minute to the 1019th, none for half an hour at noon."""
    readings = []
    for minute in range(1440):
        if not 720 <= minute <= 749:
            share = min(max((minute - 479) / 30, 0), 1) - min(max((minute - 1019) / 30, 0), 1)
            place = [one + share * (other - one) for one, other in zip(_HOME, _WORK, strict=True)]
            at = begin.timestamp() * 1000 + minute * 60_000
            readings.append(fix_at(at, *place))
    return readings


def fix_at(milliseconds, latitude, longitude, sensor="gps", **data):
    data = {"latitude": latitude, "longitude": longitude} | data
    return {"sensor_type": sensor, "timestamp": milliseconds, "data": data}


@pytest.fixture
def berlin(record):
    begin = datetime(2026, 3, 9, 23, tzinfo=UTC)
    readings = made_day(begin)
    # Two recordings: neither stays nor what is recorded end where one does.
    for part in (readings[:800], readings[800:]):
        record(part, start_time=part[0]["timestamp"])
    return readings


@pytest.mark.parametrize("limits", ["20", "null"])
def test_the_made_day(berlin, ask, limits):
    [row] = ask(_MOBILITY.format(f"{_BERLIN}, 200, 120, {limits}"))
    assert row == {
        "day": date(2026, 3, 10),
        "distance_m": exact(9_259.33612729),
        "moving_m": exact(9_259.33612729),
        "unjoined_s": 1860,
        "fixes": 1410,
        "recorded_s": 84_600,
        "missing": exact(0.020833333333333332),
        "radius_of_gyration_m": exact(2_190.13012817),
        "home_latitude": exact(52.5),
        "home_longitude": exact(13.4),
        "home_s": 52_140,
        "farthest_m": exact(4_629.66786214),
        "stay_s": 28_740 + 30_600 + 23_400,
        "places": 2,
        "entropy": exact(0.658866853883),
    }
    stays = ask(_STAYS.format(f"{_BERLIN}, 200, {limits}"))
    assert [(row["duration_s"], row["fixes"], row["place"]) for row in stays] == [
        (28_740, 480, 1),
        (30_600, 481, 2),
        (23_400, 391, 1),
    ]
    near_home = [row for row in berlin if distance_m(*_HOME, *row["data"].values()) <= 150]
    assert len(near_home) == 871


@pytest.mark.parametrize("name", _EXTENTS)
def test_extents_of_recordings(record, ask, name):
    """No recording has a night: one before is made, at the first fix, and a fix far away between the two."""
    readings = RECORDINGS[name]()
    radius_m, farthest_m = _EXTENTS[name]
    record(readings)
    first = readings[0]["data"]["latitude"], readings[0]["data"]["longitude"]
    midnight = readings[0]["timestamp"] // DAY_MS * DAY_MS - DAY_MS
    night = [fix_at(midnight + n * 600_000, *first) for n in range(7)]
    record([*night, fix_at(midnight + DAY_MS / 2, first[0] + 0.1, first[1])], start_time=midnight)
    days = [f"'{datetime.fromtimestamp(at / 1000, UTC):%Y-%m-%d}'" for at in (midnight, midnight + DAY_MS)]
    [_, row] = ask(_MOBILITY.format(f"{days[0]}, {days[1]}, 'UTC', _accuracy_max_m => null"))
    assert (row["radius_of_gyration_m"], row["farthest_m"]) == (exact(radius_m), exact(farthest_m))
    assert row["fixes"] == len({reading["timestamp"] for reading in readings})


@pytest.mark.parametrize(("name", "distance_m", "time_s"), STAYS)
def test_stays_of_a_user_with_one_recording_are_those_of_the_recording(record, ask, name, distance_m, time_s):
    readings = RECORDINGS[name]()
    record(readings)
    day = f"'{datetime.fromtimestamp(readings[0]['timestamp'] / 1000, UTC):%Y-%m-%d}'"
    found = ask(_STAYS.format(f"{day}, {day}, 'UTC', {distance_m}, {time_s}, 200, null"))
    assert [(row["duration_s"], row["fixes"], row["latitude"], row["longitude"]) for row in found] == [
        (pytest.approx(seconds, abs=2e-6), fixes, near(latitude), near(longitude))
        for _, seconds, fixes, latitude, longitude in STAYS[name, distance_m, time_s]
    ]


def fix(seconds, north_m=0.0, sensor="gps", **data):
    return reading_at(seconds, sensor, latitude=50 + north_m / 111_195, longitude=10.0, **data)


_NIGHT = "'2025-10-08', '2025-10-10', 'Asia/Seoul'"


def seconds_from_midnight(hours):
    """After START, of 9 October 2025 in Seoul."""
    midnight = local_days.begin(date(2025, 10, 9), "Asia/Seoul")
    return midnight.timestamp() - START_MS / 1000 + hours * 3600


def test_a_stay_over_midnight_is_one_stay_whose_time_is_cut(record, ask):
    """Hours without a fix within it belong to it, on both days."""
    record([fix(seconds_from_midnight(hours)) for hours in (-4, -3.5, 7, 7.5)], start_time="2025-10-08T08:00:00Z")
    [stay] = ask(_STAYS.format(_NIGHT))
    assert (stay["duration_s"], stay["fixes"], stay["place"]) == (11.5 * 3600, 4, 1)
    rows = ask(_MOBILITY.format(_NIGHT))
    assert [(row["home_s"], row["stay_s"], row["places"], row["fixes"]) for row in rows] == [
        (4 * 3600, 4 * 3600, 1, 2),
        (7.5 * 3600, 7.5 * 3600, 1, 2),
        (None, None, None, 0),
    ]
    assert [(row["recorded_s"], row["entropy"]) for row in rows] == [(240, 0), (120, 0), (0, None)]
    # Each day alone, which sees a day before and after; the first has no night.
    for row in rows[:2]:
        day = f"'{row['day']}', '{row['day']}', 'Asia/Seoul'"
        [alone] = ask(_MOBILITY.format(day))
        homes = {name: row[name] for name in ("home_latitude", "home_longitude", "home_s", "farthest_m")}
        assert alone == (row if row is rows[1] else row | dict.fromkeys(homes))
        assert ask(_STAYS.format(day)) == [stay]


def test_what_is_recorded_is_cut_at_midnight(record, ask):
    record([fix(seconds_from_midnight(0) + second) for second in (-30, 50, 5000)], start_time="2025-10-08T08:00:00Z")
    rows = ask(_MOBILITY.format(_NIGHT))
    assert [row["recorded_s"] for row in rows] == [30, 50 + 120, 0]
    # Of the last fix something is recorded as soon as there is a later one, however much later.
    record([fix(seconds_from_midnight(90))], start_time="2025-10-08T08:00:00Z")
    assert [row["recorded_s"] for row in ask(_MOBILITY.format(_NIGHT))] == [30, 50 + 120 + 120, 0]


def test_home_is_where_most_of_the_nights_is_spent(record, ask):
    """Not where most of the time is; a place is where its first stay is."""
    far = 5000
    record(
        [fix(seconds_from_midnight(hours), far) for hours in (-14, -4)]
        + [fix(seconds_from_midnight(hours), metres) for hours, metres in ((1, 0), (3, 0), (4, 190), (5, 190))]
        + [fix(seconds_from_midnight(hours), far + 190) for hours in (6.5, 14)],
        start_time="2025-10-08T00:00:00Z",
    )
    stays = ask(_STAYS.format(_NIGHT))
    assert [stay["place"] for stay in stays] == [1, 2, 2, 1]
    centres = {stay["place"]: stay["place_latitude"] for stay in stays}
    assert centres == {1: exact(50 + far / 111_195), 2: exact(50)}
    [before, row, _] = ask(_MOBILITY.format(_NIGHT))
    assert (row["home_latitude"], row["home_longitude"], row["home_s"]) == (exact(50), exact(10), 3 * 3600)
    assert (row["stay_s"], row["places"], before["home_s"]) == (10.5 * 3600, 2, 0)
    apart = ask(_STAYS.format(f"{_NIGHT}, _place_m => 100"))
    assert [stay["place"] for stay in apart] == [1, 2, 3, 4]


def test_one_sensor_and_one_recording_count_at_a_time(record, ask):
    """A watch, and a phone in another room for some of the time; each also sends what another sensor found."""
    start = "2025-10-08T15:00:00Z"
    record(
        [fix(seconds_from_midnight(0) + 60 * n) for n in range(60)]
        + [fix(seconds_from_midnight(0) + 120 * n + 1, 30_000, "network", accuracy=500) for n in range(30)],
        start_time=start,
    )
    record([fix(seconds_from_midnight(0) + 60 * n + 7, 4000) for n in range(50, 70)], start_time=start)
    [_, row, _] = ask(_MOBILITY.format(f"{_NIGHT}, _accuracy_max_m => null"))
    assert row["fixes"] == 60 + 11
    assert [(stay["fixes"], stay["place"]) for stay in ask(_STAYS.format(f"{_NIGHT}, _accuracy_max_m => null"))] == [
        (60, 1),
        (11, 2),
    ]


def test_over_the_180th_meridian(record, ask):
    record(
        [reading_at(seconds_from_midnight(1) + 600 * n, "gps", latitude=0.0, longitude=east) for n, east in
         enumerate([179.9999, -179.9999, 179.9999, -179.9999])],
        start_time="2025-10-08T15:00:00Z",
    )  # fmt: skip
    [_, row, _] = ask(_MOBILITY.format(_NIGHT))
    assert abs(row["home_longitude"]) == pytest.approx(180, abs=1e-6)
    assert row["radius_of_gyration_m"] == pytest.approx(11.1195, rel=1e-3)
    assert row["farthest_m"] == pytest.approx(11.1195, rel=1e-3)


def test_archived_days_keep_their_distances(record, ask, db):
    walk = [fix(seconds_from_midnight(1) + 10 * n, 10 * n) for n in range(100)]
    session = record(walk, start_time="2025-10-08T15:00:00Z")
    record([fix(seconds_from_midnight(25) + 60 * n) for n in range(60)], start_time="2025-10-09T15:00:00Z")
    [_, before, after] = ask(_MOBILITY.format(_NIGHT))
    db.execute("select app.archive_readings(%s)", [session])
    [_, row, stored] = ask(_MOBILITY.format(_NIGHT))
    assert stored == after
    kept = {"day", "distance_m", "moving_m", "unjoined_s", "home_latitude", "home_longitude"}
    assert row == {name: value if name in kept else None for name, value in before.items()}
    [_, other, _] = ask(_MOBILITY.format(f"{_NIGHT}, _stay_s => 600"))
    assert (other["distance_m"], other["moving_m"], other["unjoined_s"]) == (None, None, None)


@pytest.mark.parametrize("question", ["4711", "u.id, '2026-01-02', '2026-01-01'", "u.id, _gap_s => -1"])
def test_no_such_days_no_rows(record, ask, question):
    record([fix(0)])
    assert ask(f"select m.* from analytics.users as u, analytics.user_mobility({question}) as m") == []


# Steps of minutes and of hundreds of metres, so that nothing lies at a limit.
_STEP = st.tuples(st.integers(1, 400), st.integers(-3, 3), st.integers(-3, 3))


@given(
    st.lists(st.lists(_STEP, min_size=1, max_size=25), min_size=1, max_size=3),
    st.sampled_from(["UTC", "Asia/Kathmandu", "America/New_York"]),
    st.integers(-1, 1), st.integers(0, 3), st.sampled_from([(50, 300), (150, 900), (90, 30_000)]),
    st.sampled_from([0, 120, 7200]),
)  # fmt: skip
def test_mobility_equals_plain_python(record, ask, db, sessions, zone, first, length, limits, gap_s):
    db.execute("update app.recording_sessions set deleted_at = now()")
    fixes: list[Fix] = []
    minute = east = north = 0
    for session in sessions:
        readings = []
        for wait, right, up in session:
            minute, east, north = minute + wait, east + right, north + up
            readings.append(reading_at(minute * 60, "gps", latitude=50 + north / 1112, longitude=10 + east / 715))
            data = readings[-1]["data"]
            fixes.append(Fix((START_MS + minute * 60_000) * 1000, data["latitude"], data["longitude"]))
        record(readings)
    start = local_days.local_day(datetime.fromtimestamp(START_MS / 1000, UTC), zone) + timedelta(days=first)
    days = [start + timedelta(days=n) for n in range(length + 1)]
    bounds = [tuple(micros(at) for at in local_days.local_day_bounds(day, zone)) for day in days]
    span = bounds[0][0], bounds[-1][1]
    margin = DAY_MS * 1000
    track = [each for each in fixes if span[0] - margin <= each.micros < span[1] + margin]
    placed = placed_stays(track, *limits, 200, span)
    home = home_of(placed, [(begin, begin + 6 * 3_600_000_000) for begin, _ in bounds])
    question = f"'{days[0]}', '{days[-1]}', '{zone}', {limits[0]}, {limits[1]}, 200"

    found = ask(_STAYS.format(question))
    assert [(micros(row["from_at"]), micros(row["to_at"]), row["fixes"], row["place"] - 1) for row in found] == [
        (stay.begin, stay.end, stay.fixes, stay.place) for stay in placed
    ]
    for row, day, day_bounds in zip(ask(_MOBILITY.format(f"{question}, {gap_s}")), days, bounds, strict=True):
        expected = day_mobility(fixes, placed, home, day_bounds, gap_s)
        assert row["day"] == day
        for name, value in expected.items():
            tolerance = {"rel": 1e-9, "abs": 1e-6}
            assert row[name] == (value if value is None else pytest.approx(value, **tolerance)), name


def micros(at):
    return int(at.timestamp()) * 1_000_000
