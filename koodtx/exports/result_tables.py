"""The numbers of a result as tables."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from koodtx.exports.cells import line, number_cell, quoted, text_cell

# Members of results that have a member per sensor, and those of a sensor that have one per axis.
_BY_SENSOR = ("sensors", "anomalies", "archived_axes")
_BY_AXIS = ("axes", "channels")


class Number(NamedTuple):
    """A value of a result, or a list of such: what it is of, and its name, whose parts are joined by dots."""

    sensor: str
    axis: str
    name: str
    value: Any


class Table(NamedTuple):
    """Rows by column; a cell may be missing."""

    columns: list[str]
    rows: list[dict[str, Any]]


def numbers(document: dict[str, Any]) -> Iterator[Number]:
    """Yields all values of a result in its order."""
    for member, value in document.items():
        if member in _BY_SENSOR and isinstance(value, dict):
            prefix = "" if member == "sensors" else f"{member}."
            for sensor, found in value.items():
                yield from _of_sensor(sensor, found, prefix, has_axes=member == "archived_axes")
        else:
            for name, leaf in _leaves(value, member):
                yield Number("", "", name, leaf)


def table_csv(table: Table) -> str:
    lines = [line([text_cell(column) for column in table.columns])]
    lines += [line([cell(row.get(column)) for column in table.columns]) for row in table.rows]
    return "".join(lines)


def cell(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None or isinstance(value, int | float):
        return number_cell(value)
    return text_cell(value) if isinstance(value, str) else quoted(msgspec.json.encode(value).decode())


def lists_of_objects(document: dict[str, Any]) -> dict[str, Table]:
    """A table for each list of objects at the top of a result, such as its days."""
    return {
        name: _table([dict(_leaves(item, "")) for item in value])
        for name, value in document.items()
        if isinstance(value, list) and value and all(isinstance(item, dict) for item in value)
    }


def sensor_tables(found: list[Number]) -> dict[str, Table]:
    """A table for each sensor, with a row per axis; the row without an axis has what is of the sensor as a whole."""
    rows: dict[str, dict[str, dict[str, Any]]] = {}
    for number in found:
        if number.sensor:
            row = rows.setdefault(number.sensor, {}).setdefault(number.axis, {"axis": number.axis})
            row[number.name] = number.value
    return {sensor: _table(list(axes.values())) for sensor, axes in rows.items()}


def _table(rows: list[dict[str, Any]]) -> Table:
    return Table(list(dict.fromkeys(column for row in rows for column in row)), rows)


def _of_sensor(sensor: str, found: Any, prefix: str, *, has_axes: bool) -> Iterator[Number]:
    for member, value in found.items() if isinstance(found, dict) else ():
        if has_axes:
            for name, leaf in _leaves(value, ""):
                yield Number(sensor, member, prefix + name, leaf)
        elif member in _BY_AXIS and isinstance(value, dict):
            for axis, of_axis in value.items():
                for name, leaf in _leaves(of_axis, ""):
                    yield Number(sensor, axis, prefix + name, leaf)
        else:
            for name, leaf in _leaves(value, member):
                yield Number(sensor, "", prefix + name, leaf)


def _leaves(value: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Values below a member, each with its name. A list of plain values is one value."""
    if isinstance(value, dict):
        for member, inner in value.items():
            yield from _leaves(inner, f"{name}.{member}" if name else member)
    elif isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        for place, inner in enumerate(value):
            yield from _leaves(inner, f"{name}[{place}]")
    else:
        yield name, value
