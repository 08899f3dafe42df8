"""The tasks, by name the kinds of jobs. They call SQL functions and hold no maths."""

from typing import Any

from taskiq import async_shared_broker

from koodtx.analysis import compute
from koodtx.jobs.current_attempt import CurrentAttempt

# Seconds: at the soft limit the next progress report ends the attempt, at the hard one whatever it does.
_LIMITS = {"soft_limit_s": 240, "timeout": 300}


@async_shared_broker.task("analyze_sensor_data", **_LIMITS)
async def analyze_sensor_data(
    recording_id: int, attempt: CurrentAttempt, sensitivity: float = 3.0, accuracy_max_m: float = 20.0
) -> dict[str, Any]:
    """Metrics, quality, distance and anomalies of a session (its internal id)."""
    return await compute.session_analysis(attempt, recording_id, sensitivity, accuracy_max_m)


@async_shared_broker.task("detect_anomalies", **_LIMITS)
async def detect_anomalies(
    recording_id: int, attempt: CurrentAttempt, sensitivity: float = 3.0, mode: str = "global", window_s: float = 60.0
) -> dict[str, Any]:
    """Readings of a session that lie far off, by sensor and channel."""
    return await compute.anomaly_report(attempt, recording_id, sensitivity, mode, window_s)


@async_shared_broker.task("calculate_session_metrics", **_LIMITS)
async def calculate_session_metrics(recording_id: int, attempt: CurrentAttempt) -> dict[str, Any]:
    """Count, mean, deviation, least and greatest of every axis of a session, and the quality of its sampling."""
    return await compute.metrics_report(attempt, recording_id)


@async_shared_broker.task("generate_statistics", **_LIMITS)
async def generate_statistics(user_id: int, start_date: str, end_date: str, attempt: CurrentAttempt) -> dict[str, Any]:
    """Sessions, readings, durations, sensors and distance of a user between two dates, both inclusive."""
    return await compute.user_statistics(attempt, user_id, start_date, end_date)
