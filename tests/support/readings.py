"""Readings to push, and the times at which they begin."""

from typing import Any

from tests.support.aliases import Readings

START = "2025-10-09T08:53:20Z"
START_MS = 1_760_000_000_000
# A field of a session that has ended.
ENDED = {"end_time": "2025-10-09T09:00:00Z"}

# 2025-06-02T10:00Z
MORNING_MS = 1_748_858_400_000
DAY_MS = 86_400_000


def reading(offset_ms: float = 0, sensor: str = "accelerometer", **data: Any) -> dict[str, Any]:
    """Returns a reading so many milliseconds after START."""
    return {"sensor_type": sensor, "timestamp": START_MS + offset_ms, "data": data or {"x": 1.0}}


def reading_at(seconds: float, sensor: str = "accelerometer", **data: Any) -> dict[str, Any]:
    """Returns a reading so many seconds after START; `data` may be empty."""
    return {"sensor_type": sensor, "timestamp": START_MS + seconds * 1000, "data": data}


def series(values: list[float], sensor: str = "thermometer", step_s: float = 1.0) -> Readings:
    """Returns readings of one value each, evenly in time."""
    return [reading_at(index * step_s, sensor, temperature=value) for index, value in enumerate(values)]
