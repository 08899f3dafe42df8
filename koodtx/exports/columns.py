"""Columns that CSV and Parquet files of all sensors share."""

from koodtx.exports.messages import ArchivedMinute, Sensor
from koodtx.readings.column_rules import COLUMNS, column_of

DATA_COLUMNS = [*COLUMNS, "extra"]
HEADER = ["session_id", "sensor_type", "value_key", "recorded_at", *DATA_COLUMNS, "archived_count"]


def means_by_column(sensor: Sensor, minute: ArchivedMinute) -> dict[str, float]:
    """The means of a minute by the columns that its readings had."""
    return {
        column: rollup.mean
        for axis, rollup in minute.axes.items()
        if (column := column_of(axis, sensor.value_key)) is not None
    }
