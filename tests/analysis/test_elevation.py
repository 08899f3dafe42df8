"""Ascent, descent and altitude from pressure, against values computed with numpy."""

import pytest

from tests.support.recordings import campus, strapdown

pytestmark = pytest.mark.integration


@pytest.mark.parametrize(
    ("readings", "fixes", "expected"),
    [
        (strapdown, 1_648, {0: (346, 329), 1: (346, 329), 3: (211, 192), 10: (140, 123)}),
        (campus, 1_091, {
            0: (16.8402614, 16.8495101), 1: (7.08431497, 6.46082852), 3: (3.09993686, 3.00581825), 10: (0, 0),
        }),
    ],
)  # fmt: skip
def test_elevation_of_published_recordings(record, ask, readings, fixes, expected):
    rows = readings()
    session = record(rows, start_time=min(row["timestamp"] for row in rows))
    for hysteresis, (ascent, descent) in expected.items():
        [row] = ask("select * from analytics.session_elevation(%s, 'gps', %s)", session, hysteresis)
        assert tuple(row.values()) == (fixes, pytest.approx(ascent, rel=1e-8), pytest.approx(descent, rel=1e-8))
    assert ask("select * from analytics.session_elevation(%s, 'accelerometer')", session) == []


def test_altitude_of_the_standard_atmosphere(ask):
    """The table of ISO 2533:1975: pressures at 0, 1,000, 5,000 and 11,000 m."""
    pressures = {1013.25: 0, 898.746: 1_000, 540.199: 5_000, 226.320: 11_000}
    for pressure, altitude in pressures.items():
        [row] = ask("select analytics.pressure_altitude(%s) as m", pressure)
        assert row["m"] == pytest.approx(altitude, abs=0.5)
    [row] = ask("select analytics.pressure_altitude(0) as zero, analytics.pressure_altitude(-5) as negative")
    assert set(row.values()) == {None}
