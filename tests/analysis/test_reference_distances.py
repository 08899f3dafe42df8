"""Real recordings and made tracks against distances and stays that were computed from their files by other means."""

from datetime import UTC, datetime

import pytest

from koodtx.demo.recording import read_recording
from koodtx.resources import project_folder
from tests.support.readings import DAY_MS
from tests.support.recordings import gpx, strapdown, tcx

pytestmark = pytest.mark.integration

DISTANCE = "select raw_m, gated_m, moving_m, unjoined_s, fixes_used from analytics.session_distance(%s, "
BEGIN_MS = datetime(2020, 1, 1, tzinfo=UTC).timestamp() * 1000


def campus():
    """Twelve minutes on a campus; only the positions."""
    return [
        {"sensor_type": sensor, "timestamp": timestamp, "data": data}
        for sensor, timestamp, data in read_recording(project_folder("examples") / "sensorlogger_ethz")
        if sensor == "gps"
    ]


def drive():
    return [row for row in strapdown() if row["sensor_type"] == "gps"]


RECORDINGS = {
    "1hz": drive,
    "ethz": campus,
    "fastgpx": lambda: gpx("gpx_fastgpx/Connected_20240816_201722_.gpx"),
    "cerknicko": lambda: [
        # From 2010, which a push refuses as too long ago.
        row | {"timestamp": row["timestamp"] + 5000 * DAY_MS}
        for row in gpx("gpx_gpxpy/cerknicko-jezero.gpx")
    ],
    "visnjan": lambda: gpx("gpx_gpxpy/around-visnjan-with-car.gpx"),
    "sup": lambda: tcx("tcx_device_distance/sup_activity_1.tcx"),
}
# By accuracy limit: fixes, all legs of these; joined and unjoined seconds by three median intervals, and by the greater
# of these and 60 s; moving by stays of 50 m and 60 s, and of 100 m and 120 s.
MEASURED = {
    ("1hz", None): (1648, 10_589.234323, 10_589.234323, 0, 10_589.234323, 0, 10_520.558415, 10_589.234323),
    ("1hz", 20): (1641, 10_571.830692, 10_552.807459, 5, 10_571.830692, 0, 10_503.154784, 10_571.830692),
    ("1hz", 10): (1494, 10_548.612282, 9_605.848905, 140, 10_548.612282, 0, 10_480.385679, 10_548.612282),
    ("ethz", None): (1091, 693.841720, 634.387910, 6.663392, 693.841720, 0, 617.411263, 367.896466),
    ("ethz", 20): (1088, 631.397536, 631.397536, 0, 631.397536, 0, 557.957453, 349.640088),
    ("ethz", 10): (966, 618.576420, 618.576420, 5.032609, 618.576420, 0, 562.644063, 354.030178),
    ("fastgpx", None): (1342, 11_481.089273, 11_481.089273, 0, 11_481.089273, 0, 11_325.027337, 11_175.795539),
    ("cerknicko", None): (173, 1_912.360290, 1_684.928025, 973, 1_870.935812, 538, 1_117.744294, 825.519939),
    ("visnjan", None): (104, 2_733.243013, 546.069597, 441, 2_733.243013, 0, 2_576.008563, 2_620.608986),
    ("sup", None): (111, 1_138.434345, 465.409985, 668, 1_138.434345, 0, 1_016.752326, 861.888628),
}
# First fix, seconds, fixes and centre, by distance and time.
STAYS = {
    ("ethz", 100, 120): [
        ("15:50:48.793000", 274.297015, 330, 47.40770667, 8.51095140),
        ("15:56:33.614115", 120.195556, 214, 47.40669845, 8.51294531),
    ],
    ("ethz", 50, 60): [("15:50:55.456392", 234.608036, 275, 47.40776358, 8.51083919)],
    ("1hz", 50, 60): [("20:54:43", 67, 68, 40.01489772, -75.20696653)],
    ("fastgpx", 100, 120): [("18:26:49", 313, 303, 62.50908349, 7.35630824)],
    ("cerknicko", 50, 300): [("14:35:59", 344, 9, 45.76909722, 14.35666509)],
    ("visnjan", 100, 120): [("06:19:18", 144, 24, 45.27646701, 13.71993999)],
    ("visnjan", 50, 300): [],
    ("sup", 100, 120): [
        ("16:08:25", 131, 16, 46.63713878, 16.16836827),
        ("16:15:25", 185, 16, 46.63840703, 16.17258902),
    ],
}  # fmt: skip


# Seconds and metres of trips by stays of 100 m and 120 s.
TRIPS = {
    "ethz": [(70.524100, 80.224022), (235.270360, 287.672443)],
    "fastgpx": [(567, 5_622.000212), (512, 5_553.795327)],
    "visnjan": [(208, 2_007.119100), (162, 613.489886)],
    "sup": [(289, 271.292514), (507, 590.596114)],
}


def metres(value):
    """Metres or seconds: nanoseconds may be rounded to microseconds or cut off."""
    return pytest.approx(value, abs=2e-6)


@pytest.mark.parametrize(("name", "accuracy"), MEASURED)
def test_distances_of_recordings(record, ask, name, accuracy):
    fixes, raw, plain, plain_unjoined, joined, unjoined, moving, moving_far = MEASURED[name, accuracy]
    session = record(RECORDINGS[name]())
    # Of the same fixes, however far apart: what gated_m is without a gap limit.
    [row] = ask(DISTANCE + "%s, _min_gap_s => 1e9)", session, accuracy)
    assert (row["fixes_used"], row["gated_m"]) == (fixes, metres(raw))
    if accuracy is None:
        assert row["raw_m"] == metres(raw)
    [row] = ask(DISTANCE + "%s, _min_gap_s => 0)", session, accuracy)
    assert (row["gated_m"], row["unjoined_s"]) == (metres(plain), metres(plain_unjoined))
    [row] = ask(DISTANCE + "%s, _stay_s => 60)", session, accuracy)
    assert (row["gated_m"], row["unjoined_s"], row["moving_m"]) == (metres(joined), metres(unjoined), metres(moving))
    [row] = ask(DISTANCE + "%s, _stay_m => 100, _stay_s => 120)", session, accuracy)
    assert row["moving_m"] == metres(moving_far)
    [row] = ask(DISTANCE + "%s)", session, accuracy)
    assert row["moving_m"] == metres(1_811.098096 if name == "cerknicko" else joined)


@pytest.mark.parametrize(("name", "distance_m", "time_s"), STAYS)
def test_stays_of_recordings(record, ask, name, distance_m, time_s):
    found = ask("select * from analytics.session_stays(%s, %s, %s)", record(RECORDINGS[name]()), distance_m, time_s)
    assert [
        (seconds_of(row["from_at"]), row["duration_s"], row["fixes"], row["latitude"], row["longitude"])
        for row in found
    ] == [
        (
            metres(seconds_of(datetime.fromisoformat(f"2020-01-01T{begin}+00:00"))),
            metres(seconds),
            fixes,
            near(latitude),
            near(longitude),
        )
        for begin, seconds, fixes, latitude, longitude in STAYS[name, distance_m, time_s]
    ]


@pytest.mark.parametrize("name", TRIPS)
def test_trips_of_recordings(record, ask, name):
    session = record(RECORDINGS[name]())
    trips = ask("select * from analytics.session_trips(%s, 100, 120)", session)
    assert [(row["duration_s"], row["distance_m"], row["unjoined_s"]) for row in trips] == [
        (metres(seconds), metres(length), 0) for seconds, length in TRIPS[name]
    ]


@pytest.mark.parametrize("name", RECORDINGS)
def test_trips_and_stays_fill_a_recording(record, ask, name):
    session = record(RECORDINGS[name]())
    rows = ask(
        "select from_at, to_at, fixes from analytics.session_stays(%(s)s, 100, 120) union all"
        " select from_at, to_at, fixes from analytics.session_trips(%(s)s, 100, 120) order by from_at".replace(
            "%(s)s", str(session)
        )
    )
    [whole] = ask("select from_at, to_at, fixes from analytics.session_trips(%s, 0, 1e9)", session)
    assert [before["to_at"] for before in rows[:-1]] == [after["from_at"] for after in rows[1:]]
    assert (rows[0]["from_at"], rows[-1]["to_at"]) == (whole["from_at"], whole["to_at"])
    assert sum(row["fixes"] - 1 for row in rows) == whole["fixes"] - 1


def seconds_of(at):
    """Since midnight."""
    return at.timestamp() % 86_400


def near(degrees):
    return pytest.approx(degrees, abs=6e-9)


def test_numbers_of_stays_of_a_walk(record, ask):
    session = record(RECORDINGS["cerknicko"]())
    rows = ask("select duration_s, fixes from analytics.session_stays(%s, 100, 120)", session)
    assert [row["duration_s"] for row in rows] == [270, 130, 262, 441, 128, 154, 172, 155, 129]
    assert [row["fixes"] for row in rows] == [13, 11, 13, 17, 10, 13, 12, 11, 15]
    assert len(ask("select from analytics.session_stays(%s, 50, 60)", session)) == 14


def test_minutes_of_a_drive(record, ask):
    rows = ask("select gated_m from analytics.minute_distance(%s, null) order by bucket", record(drive()))
    lengths = [row["gated_m"] for row in rows]
    assert len(lengths) == 28
    assert [*lengths[:3], lengths[-1], sum(lengths)] == [
        metres(value) for value in (109.592483, 240.754306, 350.471995, 276.368733, 10_589.234323)
    ]


def made(times, latitude):
    return [
        {"sensor_type": "gps", "timestamp": BEGIN_MS + at * 1000, "data": {"latitude": latitude(at), "longitude": 10}}
        for at in times
    ]


def north(at):
    """10 m/s."""
    return 50 + 9e-5 * at


INTERVALS = [0, *([58, 60, 62, 59, 61] * 24)[:119]]
UNEVEN = [sum(INTERVALS[: n + 1]) for n in range(120)]


@pytest.mark.parametrize(
    ("times", "length"),
    [
        (UNEVEN, 71_443.951001),
        (range(0, 120 * 60, 60), 71_453.958558),
        (range(0, 40 * 90, 90), 35_126.525846),
    ],
)
@pytest.mark.parametrize("least_s", [0, 60])
def test_tracks_with_a_fix_per_minute_or_less(record, ask, times, length, least_s):
    assert UNEVEN[-1] == 7139
    [row] = ask(DISTANCE + "20, %s)", record(made(times, north), start_time=BEGIN_MS), least_s)
    assert (row["gated_m"], row["unjoined_s"]) == (metres(length), 0)


@pytest.mark.parametrize(("least_s", "unjoined_s"), [(0, 29), (60, 0)])
def test_a_car_that_parks(record, ask, least_s, unjoined_s):
    track = made([*range(30), 30, 59], lambda at: 50 + min(at, 30) * 20 / 111_195.08)
    [row] = ask(DISTANCE + "20, %s)", record(track, start_time=BEGIN_MS), least_s)
    assert (row["gated_m"], row["unjoined_s"]) == (metres(600.000001), unjoined_s)


def test_a_day_at_home_and_at_work(record, ask):
    """Over midnight of UTC, with half an hour without a fix."""
    home, work = (52.5, 13.4), (52.52, 13.46)
    begin_ms = datetime(2026, 3, 9, 23, tzinfo=UTC).timestamp() * 1000
    readings = []
    for minute in range(1440):
        if not 720 <= minute <= 749:
            share = min(max((minute - 479) / 30, 0), 1) - min(max((minute - 1019) / 30, 0), 1)
            place = [one + share * (other - one) for one, other in zip(home, work, strict=True)]
            data = {"latitude": place[0], "longitude": place[1]}
            readings.append({"sensor_type": "gps", "timestamp": begin_ms + minute * 60_000, "data": data})
    session = record(readings, start_time=begin_ms, end_time=begin_ms + DAY_MS)
    stays = ask("select duration_s, fixes from analytics.session_stays(%s, 100, 600)", session)
    assert [(row["duration_s"], row["fixes"]) for row in stays] == [(28_740, 480), (30_600, 481), (23_400, 391)]
    [row] = ask(DISTANCE + "20, _stay_m => 100, _stay_s => 600)", session)
    assert row["gated_m"] == metres(9_259.33612729)
    assert row["moving_m"] == metres(9_259.33612729)
    assert row["unjoined_s"] == 1860
