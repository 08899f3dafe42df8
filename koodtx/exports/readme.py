"""README.txt of a ZIP file: which files, which columns, which units."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from koodtx.exports.cells import time_cell
from koodtx.exports.messages import ExportedSession, Result, Sensor, UsedColumns

UNITS = {
    "latitude": "degrees north, WGS 84",
    "longitude": "degrees east, WGS 84",
    "altitude": "metres, as the phone reported it",
    "accuracy": "metres; negative: the phone reported the position as invalid",
    "speed": "metres per second; negative: not known",
    "bearing": "degrees clockwise from north; negative: not known",
    "extra": "everything else that the app sent with the reading, as a JSON object",
}
_AS_SENT = "in the unit in which the app sent it"

_COMMON = """\
Every CSV file is UTF-8 with a byte order mark, has commas between its cells and a first line with the names of its
columns. Times (recorded_at, minute) are UTC, ISO 8601, with microseconds. Numbers have the shortest digits that give
the same number back. A text that a spreadsheet might take as a formula begins with an apostrophe: remove one
apostrophe to get the text. An empty cell: the reading has no such value.
"""


class SensorFiles(NamedTuple):
    """A sensor and the names of its files."""

    sensor: Sensor
    used: UsedColumns
    file: str
    archived_file: str


def readme(session: ExportedSession, files: list[SensorFiles]) -> str:
    fields = session.fields
    until = f"to {time_cell(fields.end_time)}" if fields.end_time else "on; it has not ended"
    lines = [
        f"Session {fields.session_id}",
        f"from {time_cell(fields.start_time)} {until}",
        "",
        _COMMON,
        "session.json: what the app said of the session.",
        "",
    ]
    for item in files:
        if item.used.readings:
            lines += _of_readings(item)
    if fields.archived_count:
        lines += _of_archived(session, files)
    return _with_line_ends(lines)


def result_readme(result: Result, files: Sequence[str], descriptions: Mapping[str, str]) -> str:
    """`descriptions`: of the members of the result, by name."""
    units = [f"    {sensor}: {unit}" for sensor, unit in result.units.items()]
    lines = [
        f"Result of {result.kind}" + (f" of session {result.session_id}" if result.session_id else ""),
        "",
        _COMMON,
        "result.json: the whole result",
        *files,
        "In sensors/ each row is an axis; the row without an axis is about the sensor as a whole.",
        "",
        "UNITS: lengths are in metres, times in seconds unless the name says otherwise, values of sensors in the unit",
        "in which the app sent them." + (" Acceleration, as the app declared it:" if units else ""),
        *units,
        "",
        *[f"{name}: {text}" for name, text in sorted(descriptions.items())],
    ]
    return _with_line_ends(lines)


def _with_line_ends(lines: list[str]) -> str:
    return "\r\n".join("\n".join(lines).splitlines()) + "\r\n"


def column_name(column: str, sensor: Sensor) -> str:
    return sensor.value_key if column == "value" and sensor.value_key is not None else column


def _of_readings(item: SensorFiles) -> list[str]:
    columns = [f"    {column_name(name, item.sensor)}: {_unit(name, item.sensor)}" for name in item.used.columns]
    readings = "1 reading" if item.used.readings == 1 else f"{item.used.readings} readings"
    head = f"{item.file}: sensor {item.sensor.sensor}, {readings}, one row per reading"
    return [head, "    recorded_at: when it was measured", *columns, ""]


def _of_archived(session: ExportedSession, files: list[SensorFiles]) -> list[str]:
    counts = f"{session.fields.archived_count} of {session.fields.data_count}"
    return [
        f"ARCHIVED READINGS: {counts} readings of this session were archived: they were",
        "deleted, and what is left of them is in these files. There is one row per minute and axis.",
        "    minute: its beginning; readings: how many readings there were",
        "    axis: name of the column that the readings had; magnitude is sqrt(x*x + y*y + z*z)",
        "    count, mean, std, min, max: of the values of the axis in this minute, in the unit of the values;",
        "    std is the sample deviation, empty for a single value",
        "Positions are not kept. A minute of which nothing but positions was measured has a row without an axis.",
        *[f"{item.archived_file}: sensor {item.sensor.sensor}" for item in files if item.sensor.archived_days],
        "",
    ]


def _unit(column: str, sensor: Sensor) -> str:
    if column in UNITS:
        return UNITS[column]
    if column in ("x", "y", "z") and sensor.unit is not None:
        return sensor.unit
    return _AS_SENT
