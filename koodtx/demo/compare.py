"""Compares pulled readings with the readings that were sent."""

from collections.abc import Iterable
from typing import Any

from koodtx.demo.recording import Reading


def differences(sent: Iterable[Reading], pulled: Iterable[tuple[str, float, dict[str, Any]]]) -> list[str]:
    """Returns a line each for lost, unexpected and changed readings, with the first example."""
    expected = {(sensor_type, timestamp_ms): data for sensor_type, timestamp_ms, data in sent}
    found = {(sensor_type, timestamp_ms): data for sensor_type, timestamp_ms, data in pulled}
    cases = {
        "were not pulled": [key for key in expected if key not in found],
        "were pulled but never sent": [key for key in found if key not in expected],
        "were pulled with other values": [key for key in expected if key in found and found[key] != expected[key]],
    }
    return [
        f"{len(keys):,} readings {case}, the first: {keys[0]}, sent {expected.get(keys[0])}, got {found.get(keys[0])}"
        for case, keys in cases.items()
        if keys
    ]
