"""Prints the result of an analysis for people."""

from collections import Counter
from typing import Any

from rich.console import Group
from rich.table import Table

from koodtx.demo.recording import Reading

_COLUMNS = ("sensor", "readings", "Hz", "expected", "coverage", "gaps", "longest", "anomalies")


def report(result: dict[str, Any]) -> Group:
    """Returns a table with a row per sensor, and the distance that the phone moved."""
    title = (
        f"Analysis of {result['session_id']}: {_number(result['duration_s'], 1)} s, {result['record_count']:,} readings"
    )
    shown = Table(title=title, title_justify="left", title_style="bold", box=None, padding=(0, 2, 0, 0))
    for name in _COLUMNS:
        shown.add_column(name, justify="left" if name == "sensor" else "right", no_wrap=True)
    for name, sensor in sorted(result["sensors"].items(), key=lambda item: (-item[1]["count"], item[0])):
        shown.add_row(*_row(name, sensor, result["anomalies"].get(name, {})))
    return Group(shown, "", _distance(result["distance"]))


def differences_to_sent(result: dict[str, Any], sent: list[Reading]) -> list[str]:
    """Returns a sentence per difference between the analysis and the readings that were sent."""
    expected = Counter(reading.sensor_type for reading in sent)
    counted = Counter({name: sensor["count"] for name, sensor in result["sensors"].items()})
    found = [
        f"{name}: {expected[name]:,} readings were sent, the analysis has {counted[name]:,}"
        for name in sorted(expected | counted)
        if expected[name] != counted[name]
    ]
    return found if result["distance"] else [*found, "the analysis has no distance"]


def _row(name: str, sensor: dict[str, Any], anomalies: dict[str, Any]) -> tuple[str, ...]:
    quality = sensor["quality"]
    return (
        name,
        f"{sensor['count']:,}",
        _number(quality["achieved_hz"], 2),
        _number(quality["expected_hz"], 2),
        _percent(quality["coverage"]),
        _number(quality["gap_count"], 0),
        f"{_number(quality['max_gap_s'], 2)} s",
        _number(anomalies.get("count"), 0),
    )


def _distance(distance: dict[str, Any] | None) -> str:
    if distance is None:
        return "No sensor had fixes."
    return (
        f"Distance by {distance['sensor']}: {_number(distance['raw_m'], 1)} m raw ({distance['fixes']:,} fixes),\n"
        f"{_number(distance['gated_m'], 1)} m gated ({distance['fixes_used']:,} fixes accurate to "
        f"{distance['accuracy_max_m']:g} m),\n"
        f"{_number(distance['moving_m'], 1)} m of it moving."
    )


def _number(value: float | None, decimals: int) -> str:
    """Formats a number; an unknown one is a dash."""
    return "-" if value is None else f"{value:,.{decimals}f}"


def _percent(ratio: float | None) -> str:
    return "-" if ratio is None else f"{100 * ratio:.1f} %"
