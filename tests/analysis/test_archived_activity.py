"""Percentiles, intensities, steps and non-wear: the same when readings are archived, by session and by user."""

import math
from datetime import UTC, datetime, timedelta

import pytest

from tests.oracles.acceleration import epochs, nonwear, steps
from tests.support.marks import long_except
from tests.support.recordings import campus, geotec, oxford, pedometer, strapdown

pytestmark = pytest.mark.integration

_NEW_YEAR = datetime(2020, 1, 1, tzinfo=UTC)
_RECORDINGS = {
    "campus": (campus, {}),
    "oxford": (oxford, {}),
    "drive": (strapdown, {}),
    "in g": (pedometer, {"units": {"accelerometer": "g"}}),
}
_QUESTIONS = [
    "select * from analytics.session_percentiles(%s)",
    "select * from analytics.session_percentiles(%s, 1440, array[0, 0.5, 1])",
    "select * from analytics.session_epochs(%s)",
    "select * from analytics.session_intensity(%s)",
    "select * from analytics.session_activity(%s)",
    "select * from analytics.session_activity(%s, _enmo_moderate_mg => 50, _mad_vigorous_mg => 100)",
    "select * from analytics.session_cadence(%s)",
    "select * from analytics.session_nonwear(%s, _window_s => 120, _step_s => 60)",
    "select * from analytics.session_nonwear(%s, _window_s => 60, _step_s => 60, _std_mg => 100)",
]
_OF_USERS = [
    "select a.* from analytics.users as u, analytics.user_activity(u.id, '2019-01-01', '2026-01-01', {zone}) as a",
    "select p.* from analytics.users as u, lateral ("
    "select * from analytics.user_percentiles(u.id, '2019-01-01', '2026-01-01', 'hour', _timezone => {zone})) as p",
    "select p.* from analytics.users as u, lateral ("
    "select * from analytics.user_percentiles(u.id, '2019-01-01', '2026-01-01', 'day', _timezone => {zone})) as p",
    "select p.* from analytics.users as u, lateral ("
    "select * from analytics.user_percentiles(u.id, '2019-01-01', '2026-01-01', 'day', _timezone => {zone},"
    " _sensor => 'accelerometer', _axis => 'x')) as p",
]
_ASKED = [*_QUESTIONS, *(query.format(zone=zone) for query in _OF_USERS for zone in ("null", "'America/New_York'"))]


def close(rows):
    """Merging may change the last digits of means."""
    return [
        {name: pytest.approx(v, rel=1e-12) if isinstance(v, float) else v for name, v in row.items()} for row in rows
    ]


def answers(ask, session):
    return {query: ask(query, *[session] * query.count("%s")) for query in _ASKED}


@pytest.mark.parametrize("name", long_except(_RECORDINGS, "oxford"))
def test_archiving_changes_no_answer(record, ask, db, name):
    readings, fields = _RECORDINGS[name]
    session = record(readings(), start_time=_NEW_YEAR.isoformat(), **fields)
    before = answers(ask, session)
    assert all(before[query] for query in _ASKED if "nonwear" not in query)
    db.execute("select app.archive_readings(%s)", [session])
    found = answers(ask, session)
    for query in _ASKED:
        assert found[query] == close(before[query]), query


def test_other_epochs_of_archived_readings_are_unknown(record, ask, db):
    session = record(pedometer(), start_time=_NEW_YEAR.isoformat(), units={"accelerometer": "g"})
    db.execute("select app.archive_readings(%s)", [session])
    assert ask("select * from analytics.session_epochs(%s, _epoch_s => 1)", session) == []
    assert len(ask("select * from analytics.session_epochs(%s, _unit => 1)", session)) == 2


_OF_UNITS = {
    "epochs": "select * from analytics.session_epochs({session}{unit}) order by at",
    "minutes": "select * from analytics.session_intensity({session}{unit}) order by minute",
    "session": "select * from analytics.session_activity({session}{unit})",
    "non-wear": "select * from analytics.session_nonwear({session}{unit}, _window_s => 120, _step_s => 60) order by at",
}


def of_units(ask, session, unit=None):
    asked = "" if unit is None else f", _unit => {unit}"
    found = {name: ask(query.format(session=session, unit=asked)) for name, query in _OF_UNITS.items()}
    if unit is None:
        user = "select a.* from analytics.users as u, analytics.user_activity(u.id, '2020-01-01', '2020-01-31') as a"
        found["user"] = ask(user)
    return found


def without_enmo(found):
    """ENMO is not known, whatever the column; MAD, its minutes and all others are."""
    return {
        name: [{key: None if key.startswith("enmo") else v for key, v in row.items()} for row in rows]
        for name, rows in found.items()
    }


def test_a_unit_that_is_declared_after_archiving(record, ask, db):
    """Sent in g, declared late: MAD and non-wear are those of g then, ENMO is not known; never a number of m/s2."""
    readings = [
        {"sensor_type": "accelerometer", "timestamp": 1_577_836_800_000 + 100 * n,
         "data": {"x": 0.001 * (n % 7), "y": 0.2 * (n % 3) * (n < 1200), "z": 1 + 0.2 * (n % 3) * (n < 1200)}}
        for n in range(3000)
    ]  # fmt: skip
    session = record(readings, start_time=_NEW_YEAR.isoformat())
    as_declared, in_g = of_units(ask, session), of_units(ask, session, 1)
    db.execute("select app.archive_readings(%s)", [session])
    assert of_units(ask, session) == {name: close(rows) for name, rows in as_declared.items()}
    expected = {name: close(rows) for name, rows in without_enmo(in_g).items()}
    assert of_units(ask, session, 1) == expected
    assert in_g["session"][0]["mad_mg"] == pytest.approx(9.80665 * as_declared["session"][0]["mad_mg"])
    assert {row["is_nonwear"] for row in in_g["non-wear"]} == {True, False}

    db.execute("""update app.recording_sessions set units = '{"accelerometer": "g"}' where id = %s""", [session])
    found = of_units(ask, session)
    [day] = found.pop("user")
    assert found == expected
    assert [day[name] for name in ("enmo_mg", "enmo_moderate_minutes", "enmo_vigorous_minutes")] == [None] * 3
    assert day["mad_mg"] == pytest.approx(in_g["session"][0]["mad_mg"])
    # The other way: what it was archived with.
    assert of_units(ask, session, 9.80665)["session"] == close(as_declared["session"])


def test_enmo_of_a_session_is_unknown_as_soon_as_that_of_one_epoch_is(record, ask, db):
    first = record([moved(n) for n in range(120)], start_time=_NEW_YEAR.isoformat())
    db.execute("select app.archive_readings(%s)", [first])
    db.execute("""update app.recording_sessions set units = '{"accelerometer": "g"}'""")
    record([moved(n) for n in range(86_400, 86_520)], session_id="recording-0", start_time=_NEW_YEAR.isoformat(),
           units={"accelerometer": "g"})  # fmt: skip
    epochs = ask("select enmo_mg from analytics.session_epochs(%s)", first)
    assert {row["enmo_mg"] is None for row in epochs} == {True, False}
    [row] = ask("select * from analytics.session_activity(%s)", first)
    assert {name for name, v in row.items() if v is None} == {name for name in row if name.startswith("enmo")}


def test_only_accelerometers_keep_epochs(record, ask, db):
    readings = [row | {"sensor_type": sensor} for sensor in ("wrist", "LinearAcceleration") for row in pedometer()]
    gyroscope = [row | {"sensor_type": "gyroscope"} for row in pedometer()]
    session = record(readings + gyroscope, start_time=_NEW_YEAR.isoformat(), units={"wrist": "g"})
    db.execute("select app.archive_readings(%s)", [session])
    rows = ask("select distinct sensor from analytics.session_sensors as n join app.archived_epochs as e"
               " using (recording_id, sensor_type_id) order by sensor")  # fmt: skip
    assert [row["sensor"] for row in rows] == ["LinearAcceleration", "wrist"]


def magnitudes(readings):
    """Of several readings at one time, the later in the file counts."""
    rows = {round(row["timestamp"] * 1000): row["data"] for row in readings}
    return sorted((at, math.hypot(data["x"], data["y"], data["z"])) for at, data in rows.items())


def instant(micros):
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)


@pytest.mark.parametrize("device", ["sp", "sw"])
def test_the_oracle_agrees(record, ask, device):
    """What the histories of tests/rollups compare with."""
    readings = [row for row in geotec(device) if row["sensor_type"] == "accelerometer"]
    session = record(readings, start_time="2022-07-11T10:06:17Z")
    values = magnitudes(readings)
    found = {row.pop("at"): tuple(row.values()) for row in ask("select * from analytics.session_epochs(%s)", session)}
    assert found == {instant(at): pytest.approx(row, rel=1e-9) for at, row in epochs(values).items()}
    assert [row["at"] for row in ask("select * from analytics.session_steps(%s)", session)] == [
        instant(at) for at in steps(values)
    ]
    axes = {round(row["timestamp"] * 1000): tuple(row["data"][axis] for axis in "xyz") for row in readings}
    windows = ask("select * from analytics.session_nonwear(%s, _window_s => 4, _step_s => 2)", session)
    assert {row["at"]: row["is_nonwear"] for row in windows} == {
        instant(at): is_still for at, is_still in nonwear(axes, 4, 2).items()
    }


def test_a_part_of_a_session_has_the_steps_that_the_whole_has_there(record, ask):
    session = record(oxford(), start_time=_NEW_YEAR.isoformat())
    query = "select * from analytics.session_cadence(%s, _from => %s, _to => %s)"
    whole = ask(query, session, None, None)
    for row in whole:
        until = row["minute"] + timedelta(minutes=1, microseconds=-1)
        assert ask(query, session, row["minute"], until) == [row]


def test_nothing_rises_over_a_pause(record, ask):
    """At rest until one second, in motion an hour later: nobody saw a step between."""
    readings = [
        {"sensor_type": "accelerometer", "timestamp": 1_577_836_800_000 + at, "data": {"x": 0, "y": 0, "z": z}}
        for first, values in ((0, [9.8] * 10), (3_600_000, [20, *[9.8] * 19]))
        for at, z in ((first + 100 * n, z) for n, z in enumerate(values))
    ]
    session = record(readings, start_time=_NEW_YEAR.isoformat())
    assert ask("select * from analytics.session_steps(%s)", session) == []


def second(number, z=9.81, **data):
    at = 1_577_836_800_000 + number * 1000
    return {"sensor_type": "accelerometer", "timestamp": at, "data": {"x": 0.0, "y": 0.0, "z": z} | data}


def moved(number, every=1):
    return second(number, x=9.0 * (number // every % 2), y=2.0 * (number // every % 3))


@pytest.mark.parametrize("is_archived", [False, True])
def test_days_of_a_user(record, ask, db, is_archived):
    """Seoul: nine hours from UTC. Two hours in motion up to midnight, then two on a table; a watch beside it."""
    midnight = 15 * 3600
    phone = record(
        [*map(moved, range(midnight - 7200, midnight)), *map(second, range(midnight, midnight + 7201))],
        start_time=_NEW_YEAR.isoformat(),
    )
    # Half as often, and for a quarter of an hour longer.
    watch = record([moved(n, 2) for n in range(midnight - 600, midnight + 8100, 2)], start_time=_NEW_YEAR.isoformat())
    if is_archived:
        for session in (phone, watch):
            db.execute("select app.archive_readings(%s)", [session])
    rows = ask("select a.* from analytics.users as u, analytics.user_activity(u.id, '2020-01-01', '2020-01-31') as a")
    assert [
        (row["day"].day, row["sessions"], row["readings"], row["minutes"], row["worn_minutes"]) for row in rows
    ] == [
        (1, 1, 7200, 120, 120),
        (2, 2, 7200 + 450, 135, 15),
    ]
    first, second_day = rows
    assert first["mad_moderate_minutes"] == 120
    assert second_day["mad_moderate_minutes"] == 15
    assert second_day["mad_vigorous_minutes"] == 0
    assert (first["steps"], second_day["steps"]) == (None, None), "nobody sees steps in a reading per second"


def test_percentiles_of_half_hour_zones_count_stored_readings_where_they_are(record, ask):
    record([second(1770 + n * 30, z=float(n < 2)) for n in range(4)], start_time=_NEW_YEAR.isoformat())
    rows = ask(
        "select p.* from analytics.users as u, lateral (select * from analytics.user_percentiles("
        "u.id, '2020-01-01', '2020-01-01', 'hour', array[0.5], 'Asia/Kolkata')) as p where p.axis = 'z'"
    )
    assert [(row["local_start"].hour, row["count"], row["percentiles"]) for row in rows] == [
        (5, 1, [pytest.approx(1, rel=0.01)]),
        (6, 3, [0]),
    ]


@pytest.mark.parametrize(
    ("sensor", "axis"),
    [
        ("accelerometer", "magnitude"), ("gps", "speed"), ("gps", "altitude"), ("barometer", "pressure"),
        ("barometer", "relative_altitude"), ("gps", None), (None, "x"), ("gps", "latitude"), ("gps", "bearing"),
        ("gyroscope", "x"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("is_archived", [False, True])
def test_percentiles_of_a_sensor_and_an_axis_are_those_among_all(record, ask, db, sensor, axis, is_archived):
    session = record(strapdown(), start_time=_NEW_YEAR.isoformat())
    if is_archived:
        db.execute("select app.archive_readings(%s)", [session])
    query = (
        "select p.* from analytics.users as u, lateral ("
        "select * from analytics.user_percentiles(u.id, '2025-06-11', '2025-06-12', 'hour'{chosen})) as p"
    )
    every = ask(query.format(chosen=""))
    chosen = ask(query.format(chosen=", _sensor => %s, _axis => %s"), sensor, axis)
    assert chosen == [row for row in every if sensor in (None, row["sensor"]) and axis in (None, row["axis"])]
    assert bool(chosen) == (axis not in ("latitude", "bearing") and sensor != "gyroscope")


def test_a_deleted_session_has_no_rows(record, ask, db):
    session = record(oxford(), start_time=_NEW_YEAR.isoformat())
    db.execute("select app.archive_readings(%s)", [session])
    db.execute("select app.delete_session(user_id, session_id) from app.recording_sessions where id = %s", [session])
    assert {query: rows for query, rows in answers(ask, session).items() if rows} == {}


@pytest.mark.long
def test_an_analyst_gets_the_same(record, ask, analyst, db):
    session = record(oxford(), start_time=_NEW_YEAR.isoformat())
    assert answers(analyst, session) == answers(ask, session)
    db.execute("select app.archive_readings(%s)", [session])
    assert answers(analyst, session) == answers(ask, session)
    assert ask("select * from analytics.session_percentiles(%s, 1)", session) == []
