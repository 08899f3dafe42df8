"""Examples of the OpenAPI document: a walk, as a phone pushes and pulls it."""

from typing import Any

_START_MS = 1_760_000_000_000

PUSHES: dict[str, Any] = {
    "readings": {
        "session": {
            "session_id": "walk",
            "start_time": "2025-10-09T08:53:20Z",
            "enabled_sensors": ["accelerometer", "barometer", "gps"],
            "sample_rate": 100,
            "units": {"accelerometer": "m/s2"},
            "device": {"platform": "ios", "model": "iPhone15,2", "os_version": "17.1", "app_version": "1.4.2"},
        },
        "push_id": "walk-batch-1",
        "sensor_data": [
            {"sensor_type": "accelerometer", "timestamp": _START_MS, "data": {"x": 0.12, "y": -0.03, "z": 9.81}},
            {"sensor_type": "accelerometer", "timestamp": _START_MS + 10, "data": {"x": 0.11, "y": -0.02, "z": 9.8}},
            {"sensor_type": "barometer", "timestamp": _START_MS + 0.25, "data": {"pressure": 1013.21}},
            {
                "sensor_type": "gps",
                "timestamp": _START_MS + 500.25,
                "data": {"latitude": 37.5665, "longitude": 126.978, "accuracy": 4.5},
            },
        ],
    },
    "a block of readings": {
        "session": {"session_id": "walk", "start_time": "2025-10-09T08:53:20Z"},
        "push_id": "walk-batch-2",
        "sensor_data": [
            {
                "sensor_type": "accelerometer",
                "timestamps": {"start": _START_MS + 20, "steps_us": [10_000, 10_020]},
                "data": {"x": [0.11, 0.1, 0.12], "y": [-0.02, -0.02, -0.01], "z": [9.8, 9.79, 9.81]},
            }
        ],
    },
    "the end of a session": {
        "session": {
            "session_id": "walk",
            "start_time": "2025-10-09T08:53:20Z",
            "end_time": "2025-10-09T09:03:20Z",
        },
        "push_id": "walk-batch-3",
        "sensor_data": [],
    },
}
PULLS: dict[str, Any] = {
    "everything, from the beginning": {"cursor": None},
    "in columns, smaller pages": {"cursor": None, "form": "columns", "max_readings": 5000},
    "by time": {"last_sync_time": "2025-10-09T08:53:20Z", "page": 1, "page_size": 50},
}
