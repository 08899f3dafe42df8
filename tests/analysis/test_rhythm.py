"""Daily rhythm of hourly series, against values computed with numpy."""

from collections import defaultdict
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from tests.support.recordings import nab

pytestmark = pytest.mark.integration

_SERIES = {
    "ambient": "ambient_temperature_system_failure", "jumpsup": "art_daily_jumpsup", "flatline": "art_flatline",
    "speed": "speed_7578",
}  # fmt: skip
# series, zone, days; hours, IS, IV, L5 and from when, M10 and from when, RA, mesor, amplitude, peak
_RHYTHMS = [
    ("ambient", "UTC", "2013-11-01", "2013-11-28", 672, 0.117165933816, 0.267145532664, 73.8309383471, 7,
     75.1296058701, 19, 0.00871819802952, 74.5573336507, 0.761057728507, 22.4702563696),
    ("ambient", "America/New_York", "2013-11-01", "2013-11-28", 673, 0.114968251932, 0.258469971427, 73.8484241545, 2,
     75.1639152422, 14, 0.00882806815197, 74.5749481945, 0.766282410730, 17.6429437330),
    ("ambient", "UTC", "2013-07-05", "2014-05-27", 7_227, 0.0320330334042, 0.0469184441565, 70.1535179347, 5,
     72.0056813489, 14, 0.0130287974576, 71.2473530406, 1.06956230405, 19.0193052075),
    ("jumpsup", "UTC", "2014-04-01", "2014-04-14", 336, 0.886230933525, 0.249401367328, 20.0313789654, 1,
     78.3925895300, 9, 0.592957299496, 44.4942541557, 38.0557993004, 13.2392898963),
    ("jumpsup", "Asia/Seoul", "2014-04-02", "2014-04-14", 312, 0.880736441582, 0.248809720462, 20.0185603445, 10,
     78.7735619274, 18, 0.594733671387, 44.6530049653, 38.3107868029, 22.2402551159),
    ("speed", "UTC", "2015-09-09", "2015-09-16", 158, 0.313900914617, 1.44804257380, 61.2702380952, 23,
     67.0732656580, 4, 0.0452148133175, 65.0437810815, 2.10116777756, 8.46645896949),
    ("flatline", "UTC", "2014-04-01", "2014-04-14", 336, None, None, 45, 0, 45, 0, 0, 45, 0, None),
]  # fmt: skip


def hourly(name, zone, first, last):
    """Means of UTC hours that begin on the local days, both included."""
    sums = defaultdict(list)
    for row in nab(_SERIES[name]):
        at = datetime.fromtimestamp(row["timestamp"] / 1000, UTC).replace(minute=0, second=0, microsecond=0)
        if first <= at.astimezone(ZoneInfo(zone)).date().isoformat() <= last:
            sums[at].append(row["data"]["value"])
    return list(sums), [sum(values) / len(values) for values in sums.values()]


@pytest.mark.parametrize(
    ("name", "zone", "first", "last", "hours", "expected"), [(*row[:5], row[5:]) for row in _RHYTHMS]
)
def test_rhythm_of_labelled_series(ask, name, zone, first, last, hours, expected):
    at, values = hourly(name, zone, first, last)
    [row] = ask("select * from analytics.rhythm(%s, %s, %s)", at, values, zone)
    assert row.pop("hours") == hours
    for (column, found), value in zip(row.items(), expected, strict=True):
        assert found == (value if value is None else pytest.approx(value, rel=1e-9)), column


def test_hours_may_come_in_any_order_and_holes_are_left_out(ask):
    at, values = hourly("jumpsup", "UTC", "2014-04-01", "2014-04-03")
    [ordered] = ask("select * from analytics.rhythm(%s, %s)", at, values)
    [reversed_] = ask("select * from analytics.rhythm(%s, %s)", [*at[::-1], at[-1]], [*values[::-1], None])
    assert reversed_ == pytest.approx(ordered, rel=1e-12)


def test_a_mean_day_with_holes_has_no_l5_through_them(ask):
    at = [datetime(2026, 1, 1, hour, tzinfo=UTC) for hour in range(0, 24, 2)]
    [row] = ask("select * from analytics.rhythm(%s, %s)", at, [float(hour) for hour in range(12)])
    assert (row["hours"], row["l5"], row["m10"], row["intradaily_variability"]) == (12, None, None, None)
    assert ask("select * from analytics.rhythm('{}', '{}')") == []


@pytest.mark.parametrize(
    ("name", "zone", "first", "last", "hours", "expected"), [(*row[:5], row[5:]) for row in _RHYTHMS]
)
def test_rhythm_of_a_user(record, ask, db, name, zone, first, last, hours, expected):
    """From the readings of two recordings, and again from what archiving kept of the first."""
    readings = nab(_SERIES[name])
    # In the middle of an hour.
    middle = len(readings) // 2 + 1
    session = record(readings[:middle], start_time="2013-07-01T00:00:00Z")
    record(readings[middle:], start_time="2013-07-01T00:00:00Z")
    rhythm = "select r.* from analytics.users as u, analytics.user_rhythm(u.id, 'nab', 'value', %s, %s, %s) as r"
    for is_archived in (False, True):
        if is_archived:
            db.execute("select app.archive_readings(%s)", [session])
        [row] = ask(rhythm, first, last, zone)
        assert row.pop("hours") == hours
        for (column, found), value in zip(row.items(), expected, strict=True):
            assert found == (value if value is None else pytest.approx(value, rel=1e-9)), column


@pytest.mark.parametrize(
    "question",
    ["u.id, 'nab', 'x'", "u.id, 'none', 'value'", "4711, 'nab', 'value'", "u.id, 'nab', 'value', '2030-01-01'"],
)
def test_no_hour_no_rhythm(record, ask, question):
    record(nab("art_flatline")[:100], start_time="2014-04-01T00:00:00Z")
    period = "" if "2030" in question else ", '2014-04-01', '2014-04-02'"
    assert ask(f"select r.* from analytics.users as u, analytics.user_rhythm({question}{period}) as r") == []
