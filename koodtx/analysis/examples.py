"""Examples of the OpenAPI document: what is asked and answered about a walk of ten minutes."""

from typing import Any

from koodtx.jobs import examples as job_examples
from koodtx.jobs.examples import JOB_ID


def _named(state: dict[str, Any]) -> dict[str, Any]:
    """A state of a job under the names that this API has for it."""
    named = {"kind" if name == "task" else name: value for name, value in state.items()}
    return {name: value for name, value in named.items() if name not in ("lane", "session_id")}


STATE = _named(job_examples.STATE)
FINISHED = _named(job_examples.FINISHED)

STARTED = {"job_id": JOB_ID, "status": "queued"}
REUSED = {"job_id": JOB_ID, "status": "completed", "reused": True}

HISTORY = {"jobs": [FINISHED], "next": None}
STATS = {"cache": {"hits": 412, "misses": 103, "hit_rate": 0.8}, "queue": {"queued": 2, "running": 1}}

QUESTIONS = {
    "analyze_sensor_data": {"kind": "analyze_sensor_data", "session_id": "walk", "accuracy_max_m": 20},
    "detect_anomalies": {"kind": "detect_anomalies", "session_id": "walk", "sensitivity": 3.5, "mode": "robust"},
    "detect_anomalies, moving window": {
        "kind": "detect_anomalies",
        "session_id": "walk",
        "mode": "rolling",
        "window_s": 30,
    },
    "calculate_session_metrics": {"kind": "calculate_session_metrics", "session_id": "walk"},
    "generate_statistics": {
        "kind": "generate_statistics",
        "start_date": "2025-10-01",
        "end_date": "2025-10-31",
    },
    "mobility": {"kind": "mobility", "start_date": "2025-10-09", "end_date": "2025-10-09"},
    "activity": {"kind": "activity", "start_date": "2025-10-09", "end_date": "2025-10-09"},
    "rhythm": {"kind": "rhythm", "sensor": "watch", "axis": "heart_rate"},
}

_PRESSURE = {
    "count": 3001,
    "mean": 1013.21,
    "std": 0.14,
    "min": 1012.9,
    "max": 1013.6,
    "peak_to_peak": 0.7,
}
_SENSORS = {
    "barometer": {
        "count": 3001,
        "axes": {"pressure": _PRESSURE},
        "quality": {
            "first_at": "2025-10-09T08:53:20Z",
            "last_at": "2025-10-09T09:03:20Z",
            "achieved_hz": 5.0,
            "expected_hz": 5.0,
            "expected_from": "median_interval",
            "expected_count": 3001,
            "coverage": 1.0,
            "gap_count": 0,
            "max_gap_s": 0.21,
            "jitter_ms": 1.3,
            "outside_count": 0,
            "numbers_as_text": 0,
        },
    }
}
_CHANNEL = {
    "count": 3001,
    "mean": 1013.21,
    "std": 0.14,
    "anomalies": 1,
    "ratio": 0.000333,
    "timestamps": ["2025-10-09T08:58:02.4Z"],
}
_DAY = {"start_date": "2025-10-09", "end_date": "2025-10-09", "timezone": "Asia/Seoul"}
_FOUND: dict[str, Any] = {
    "analyze_sensor_data": {
        "session_id": "walk",
        "duration_s": 600.0,
        "record_count": 3602,
        "complete_as_of": "2025-10-09T09:03:21Z",
        "sensitivity": 3.0,
        "sensors": _SENSORS,
        "distance": {
            "sensor": "gps",
            "raw_m": 812.4,
            "gated_m": 790.1,
            "moving_m": 790.1,
            "unjoined_s": 0.0,
            "accuracy_max_m": 20.0,
            "fixes": 601,
            "fixes_used": 588,
        },
        "anomalies": {"barometer": {"count": 1, "ratio": 0.000333}},
    },
    "detect_anomalies": {
        "session_id": "walk",
        "sensitivity": 3.0,
        "mode": "global",
        "window_s": None,
        "sensors": {"barometer": _CHANNEL | {"channel": "pressure", "channels": {"pressure": _CHANNEL}}},
    },
    "calculate_session_metrics": {"session_id": "walk", "record_count": 3602, "sensors": _SENSORS},
    "generate_statistics": {
        "start_date": "2025-10-01",
        "end_date": "2025-10-31",
        "timezone": "Asia/Seoul",
        "total_sessions": 2,
        "total_records": 63602,
        "total_duration_s": 1210.5,
        "mean_duration_s": 605.25,
        "distance_m": 1592.7,
        "raw_distance_m": 1640.2,
        "moving_distance_m": 1592.7,
        "unjoined_s": 0.0,
        "accuracy_max_m": 20.0,
        "sensor_usage": {"accelerometer": 1, "barometer": 2, "gps": 2},
    },
    "mobility": _DAY
    | {
        "accuracy_max_m": 20.0,
        "home": {"latitude": 37.5665, "longitude": 126.978},
        "days": [
            {
                "day": "2025-10-09",
                "distance_m": 9259.3,
                "moving_m": 9259.3,
                "unjoined_s": 1860.0,
                "fixes": 1410,
                "recorded_s": 84600.0,
                "missing": 0.0208333,
                "radius_of_gyration_m": 2190.1,
                "home_s": 52140.0,
                "farthest_m": 4629.7,
                "stay_s": 82740.0,
                "places": 2,
                "entropy": 0.658867,
            }
        ],
    },
    "activity": _DAY
    | {
        "sensor": "accelerometer",
        "days": [
            {
                "day": "2025-10-09",
                "sessions": 1,
                "readings": 30000,
                "minutes": 10,
                "worn_minutes": 10,
                "enmo_mg": 38.5,
                "mad_mg": 80.2,
                "enmo_moderate_minutes": 0.0,
                "enmo_vigorous_minutes": 0.0,
                "mad_moderate_minutes": 7.25,
                "mad_vigorous_minutes": 0.0,
                "steps": 862,
            }
        ],
    },
    "rhythm": {
        "start_date": "2025-10-02",
        "end_date": "2025-10-31",
        "timezone": "Asia/Seoul",
        "sensor": "watch",
        "axis": "heart_rate",
        "hours": 705,
        "interdaily_stability": 0.61,
        "intradaily_variability": 0.74,
        "l5": 54.2,
        "l5_from": 1,
        "m10": 78.9,
        "m10_from": 10,
        "relative_amplitude": 0.186,
        "mesor": 68.4,
        "amplitude": 12.1,
        "peak_h": 15.2,
    },
}
_STARTED = {"job_id": JOB_ID, "kind": "analyze_sensor_data", "error": None, "result": None}
RESULTS = {
    kind: {"job_id": JOB_ID, "kind": kind, "status": "completed", "error": None, "result": found}
    for kind, found in _FOUND.items()
} | {
    "not yet": _STARTED | {"status": "running"},
    "failed": _STARTED | {"status": "failed", "error": "there is no such session"},
}
