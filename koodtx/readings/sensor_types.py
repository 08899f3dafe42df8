"""Sensor types: names that clients choose, numbered by the database."""

from msgspec import Struct

from koodtx.database.query import Connection, fetch_all

_MAX_NEW_TYPES = 256


class SensorType(Struct, frozen=True):
    """A sensor type of the database; `value_key` is the key of `data` that travels in the column `value`."""

    name: str
    id: int
    value_key: str


async def sensor_types(connection: Connection, user_id: int, proposed: dict[str, str]) -> dict[str, SensorType]:
    """Returns the sensor types of these names; missing ones are made with the value_key proposed, up to the limit."""
    known = await fetch_all(
        connection,
        SensorType,
        "select name, id, value_key from app.sensor_types where name = any(%(names)s)",
        {"names": list(proposed)},
    )
    missing = sorted(proposed.keys() - {sensor.name for sensor in known})
    if missing:
        known += await fetch_all(
            connection,
            SensorType,
            "select * from app.register_sensor_types(%(user_id)s, %(names)s, %(value_keys)s, %(limit)s)",
            {
                "user_id": user_id,
                "names": missing,
                "value_keys": [proposed[name] for name in missing],
                "limit": _MAX_NEW_TYPES,
            },
        )
    return {sensor.name: sensor for sensor in known}
