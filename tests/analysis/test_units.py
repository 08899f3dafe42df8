"""The unit of acceleration that an app declares for a sensor of a session."""

from typing import Any

import pytest

from tests.support.aliases import Ask, Record, Rows
from tests.support.readings import reading

pytestmark = pytest.mark.integration

_UNITS = {"watch": "g", "phone": "m/s2", "Accelerometer": "g", "never sent": "g"}
_ROWS = "select sensor, unit from analytics.session_sensors where recording_id = %s order by sensor"
_GRAVITY = """
select s.sensor, app.gravity(s.recording_id, s.sensor_type_id) as gravity
from analytics.session_sensors as s where s.recording_id = %s order by s.sensor
"""


def _readings() -> Rows:
    return [reading(0, sensor, x=1.0) for sensor in ("watch", "phone", "accelerometer")]


def test_units_are_those_of_the_name_as_it_was_sent(record: Record, ask: Ask) -> None:
    session = record(_readings(), units=_UNITS)
    assert pairs(ask(_ROWS, session)) == {"watch": "g", "phone": "m/s2", "accelerometer": None}
    assert pairs(ask(_GRAVITY, session)) == {"watch": 1, "phone": 9.80665, "accelerometer": 9.80665}


def test_units_of_another_session_do_not_count(record: Record, ask: Ask) -> None:
    record(_readings(), units=_UNITS)
    session = record(_readings())
    assert set(pairs(ask(_ROWS, session)).values()) == {None}
    assert set(pairs(ask(_GRAVITY, session)).values()) == {9.80665}


def test_gravity_of_what_is_not_there_is_standard_gravity(record: Record, ask: Ask) -> None:
    session = record(_readings(), units=_UNITS)
    assert ask("select app.gravity(%s, -1) as g, app.gravity(-1, 1) as h", session) == [{"g": 9.80665, "h": 9.80665}]


def pairs(rows: Rows) -> dict[str, Any]:
    return dict(tuple(row.values()) for row in rows)
