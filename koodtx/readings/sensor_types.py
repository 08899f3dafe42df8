"""Sensor types: names that a user's clients choose, numbered by the database."""

from collections.abc import Sequence

from msgspec import Struct

from koodtx.database.query import Connection, fetch_all
from koodtx.readings.blocks import Group
from koodtx.readings.value_keys import proposed_value_keys


class SensorType(Struct, frozen=True):
    """A sensor type of a user.

    `value_key`: the key of `data` whose number is stored in the column `value`; None: no number has decided it yet.
    """

    name: str
    id: int
    value_key: str | None


async def sensor_types(
    connection: Connection, user_id: int, groups: Sequence[Group], max_sensors: int
) -> dict[str, SensorType]:
    """Returns the user's sensor types of these readings by name.

    Missing ones are created, up to `max_sensors` in use; undecided ones are decided by the numbers of these readings.
    """
    names = {group.sensor for group in groups}
    known = await fetch_all(
        connection,
        SensorType,
        "select name, id, value_key from app.sensor_types where user_id = %(user_id)s and name = any(%(names)s)",
        {"user_id": user_id, "names": list(names)},
    )
    decided = {sensor.name for sensor in known if sensor.value_key is not None}
    proposed = proposed_value_keys(group for group in groups if group.sensor not in decided)
    if names - {sensor.name for sensor in known} | proposed.keys():
        # With the known names: none of them may be released to make room for one that is missing.
        known = await _register(connection, user_id, sorted(names), proposed, max_sensors)
    return {sensor.name: sensor for sensor in known}


async def _register(
    connection: Connection, user_id: int, names: list[str], proposed: dict[str, str], max_sensors: int
) -> list[SensorType]:
    return await fetch_all(
        connection,
        SensorType,
        "select * from app.register_sensor_types(%(user_id)s, %(names)s, %(value_keys)s, %(limit)s)",
        {
            "user_id": user_id,
            "names": names,
            "value_keys": [proposed.get(name) for name in names],
            "limit": max_sensors,
        },
    )
