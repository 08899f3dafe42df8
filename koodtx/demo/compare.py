"""Compares what came back with what was sent, reading by reading."""

from collections.abc import Iterable
from typing import Any

from koodtx.demo.recording import Reading


def differences(sent: Iterable[Reading], pulled: Iterable[tuple[str, float, dict[str, Any]]]) -> list[str]:
    """What is lost, what was never sent, and what has other values; a line each, with the first example."""
    expected = {(sensor_type, timestamp_ms): data for sensor_type, timestamp_ms, data in sent}
    found = {(sensor_type, timestamp_ms): data for sensor_type, timestamp_ms, data in pulled}
    kinds = {
        "did not come back": [key for key in expected if key not in found],
        "came back and were never sent": [key for key in found if key not in expected],
        "came back with other values": [key for key in expected if key in found and found[key] != expected[key]],
    }
    return [
        f"{len(keys):,} readings {kind}, the first: {keys[0]}, sent {expected.get(keys[0])}, got {found.get(keys[0])}"
        for kind, keys in kinds.items()
        if keys
    ]
