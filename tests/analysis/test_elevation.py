"""Ascent, descent and altitude from pressure, against values computed with numpy."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.readings import DAY_MS, reading_at
from tests.support.recordings import campus, gpx_altitudes, strapdown

pytestmark = pytest.mark.integration


def cerknicko():
    """A walk of 2010, which a push refuses as too long ago: ten years later."""
    rows = gpx_altitudes("gpx_gpxpy/cerknicko-jezero.gpx")
    return [row | {"timestamp": row["timestamp"] + 3652 * DAY_MS} for row in rows]


_RECORDINGS = {
    "1hz": (strapdown, 1_648, {0: (346, 329), 1: (346, 329), 3: (211, 192), 10: (140, 123)}),
    "ethz": (campus, 1_091, {
        0: (16.8402614, 16.8495101), 1: (7.08431497, 6.46082852), 3: (3.09993686, 3.00581825), 10: (0, 0),
    }),
    "fastgpx": (lambda: gpx_altitudes("gpx_fastgpx/Connected_20240816_201722_.gpx"), 1_342, {
        0: (222.126, 217.473), 1: (206.287, 201.179), 3: (194.647, 188.658), 10: (175.096, 166.125),
    }),
    "visnjan": (lambda: gpx_altitudes("gpx_gpxpy/around-visnjan-with-car.gpx"), 104, {
        0: (51.42, 51.90), 1: (47.10, 47.58), 3: (45.66, 46.14), 10: (37.01, 35.09),
    }),
    "cerknicko": (cerknicko, 173, {
        0: (68.733883, 67.772702), 1: (50.949949, 49.027220), 3: (37.491210, 33.645873), 10: (21.629516, 11.055175),
    }),
}  # fmt: skip


def elevation(altitudes, hysteresis_m):
    """In plain Python: metres up and down."""
    up = down = 0.0
    reference = altitudes[0]
    for altitude in altitudes:
        if abs(altitude - reference) >= hysteresis_m:
            up += max(altitude - reference, 0)
            down += max(reference - altitude, 0)
            reference = altitude
    return up, down


def altitude(pressure_hpa):
    """In plain Python: of the International Standard Atmosphere, in metres."""
    return 288.15 / 0.0065 * (1 - (pressure_hpa / 1013.25) ** (0.0065 * 287.05287 / 9.80665))


@pytest.mark.parametrize("name", _RECORDINGS)
def test_elevation_of_published_recordings(record, ask, name):
    readings, count, expected = _RECORDINGS[name]
    rows = readings()
    session = record(rows, start_time=min(row["timestamp"] for row in rows))
    altitudes = [row["data"]["altitude"] for row in rows if row["sensor_type"] == "gps"]
    for hysteresis, rounded in expected.items():
        [row] = ask("select * from analytics.session_elevation(%s, 'gps', %s)", session, hysteresis)
        found = (row["ascent_m"], row["descent_m"])
        assert row["readings"] == count
        # The published values have nine digits.
        assert found == pytest.approx(rounded, rel=1e-8)
        assert found == pytest.approx(elevation(altitudes, hysteresis), rel=1e-9)
    assert ask("select * from analytics.session_elevation(%s, 'accelerometer')", session) == []


@pytest.mark.parametrize("readings", [strapdown, campus])
@pytest.mark.parametrize(("unit", "in_hpa"), [("hPa", 1), ("kPa", 10), ("Pa", 0.01)])
def test_elevation_of_a_barometer(record, ask, readings, unit, in_hpa):
    rows = [row for row in readings() if "pressure" in row["data"]]
    pressures = [row["data"]["pressure"] for row in rows]
    sent = [row | {"data": {"pressure": row["data"]["pressure"] / in_hpa}} for row in rows]
    session = record(sent, start_time=rows[0]["timestamp"])
    [row] = ask("select * from analytics.session_elevation(%s, 'barometer', 1, %s)", session, unit)
    up, down = elevation([altitude(pressure) for pressure in pressures], 1)
    assert row == {
        "readings": len(rows), "ascent_m": pytest.approx(up, rel=1e-8), "descent_m": pytest.approx(down, rel=1e-8)
    }  # fmt: skip
    assert ask("select * from analytics.session_elevation(%s, 'barometer')", session) == []


def test_elevation_of_an_axis_of_the_app(record, ask):
    rows = campus()
    session = record(rows, start_time=min(row["timestamp"] for row in rows))
    [row] = ask("select * from analytics.session_elevation(%s, 'barometer', 1, _axis => 'relativeAltitude')", session)
    altitudes = [row["data"]["relativeAltitude"] for row in rows if row["sensor_type"] == "barometer"]
    assert (row["ascent_m"], row["descent_m"]) == pytest.approx(elevation(altitudes, 1), rel=1e-9)


@given(st.lists(st.integers(-80, 80), min_size=1, max_size=20), st.integers(0, 40))
def test_ascent_less_descent_is_the_way_of_the_reference(record, ask, eighths, hysteresis):
    altitudes = [number / 8 for number in eighths]
    session = record([reading_at(n, "gps", altitude=altitude) for n, altitude in enumerate(altitudes)])
    [row] = ask("select * from analytics.session_elevation(%s, 'gps', %s)", session, hysteresis / 8)
    assert (row["ascent_m"], row["descent_m"]) == elevation(altitudes, hysteresis / 8)
    assert abs(row["ascent_m"] - row["descent_m"] - (altitudes[-1] - altitudes[0])) <= hysteresis / 8
    assert row["ascent_m"] + row["descent_m"] <= sum(abs(high - low) for low, high in pairwise(altitudes))


@pytest.mark.parametrize("arguments", ["'gps', -1", "'gps', null", "'barometer', 3, 'psi'", "'none'"])
def test_elevation_that_is_unknown_has_no_row(record, ask, arguments):
    session = record([reading_at(n, "gps", altitude=n) for n in range(9)] + [reading_at(0, "barometer", pressure=1000)])
    assert ask(f"select * from analytics.session_elevation(%s, {arguments})", session) == []


def test_archived_readings_have_no_elevation(record, ask, db):
    session = record([reading_at(n, "gps", altitude=n) for n in range(9)])
    assert ask("select * from analytics.session_elevation(%s)", session) == [
        {"readings": 9, "ascent_m": 6, "descent_m": 0}
    ]
    db.execute("select app.archive_readings(%s)", [session])
    assert ask("select * from analytics.session_elevation(%s)", session) == []


def test_altitude_of_the_standard_atmosphere(ask):
    """The table of ISO 2533:1975: pressures at 0, 1,000, 5,000 and 11,000 m."""
    pressures = {1013.25: 0, 898.746: 1_000, 540.199: 5_000, 226.320: 11_000}
    for pressure, metres in pressures.items():
        rows = ask(
            "select analytics.pressure_altitude(pressure, _unit => unit) as m"
            " from (values (%s::float8, 'hPa'), (%s, 'kPa'), (%s, 'Pa')) as p (pressure, unit)",
            pressure, pressure / 10, pressure * 100,
        )  # fmt: skip
        assert [row["m"] for row in rows] == pytest.approx([altitude(pressure)] * 3, rel=1e-9, abs=1e-9)
        assert rows[0]["m"] == pytest.approx(metres, abs=0.5)
    [row] = ask(
        "select analytics.pressure_altitude(0) as zero, analytics.pressure_altitude(-5) as negative,"
        " analytics.pressure_altitude(30, _unit => 'inHg') as unit, analytics.pressure_altitude(1000, 0) as sea_level"
    )
    assert set(row.values()) == {None}
    [row] = ask("select analytics.pressure_altitude(1000, 1000) as m")
    assert row["m"] == 0
