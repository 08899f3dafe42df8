"""The tasks, whose names are the kinds of a question. They call SQL functions and hold no maths."""

from typing import Any

from msgspec import Struct

from koodtx.analysis import store
from koodtx.analysis.results import (
    Accuracy,
    AnomalyReport,
    Mode,
    Sensitivity,
    SessionAnalysis,
    SessionMetrics,
    UserStatistics,
    Window,
)
from koodtx.errors import NotFound
from koodtx.jobs.attempt import Attempt, Limits
from koodtx.jobs.task import Task, register

_LIMITS = Limits(soft_s=240, hard_s=300)
_COMPLETED = "Analysis completed"


class AnalyzeArguments(Struct, frozen=True):
    """Arguments of `analyze_sensor_data`."""

    recording_id: int
    sensitivity: Sensitivity = 3.0
    accuracy_max_m: Accuracy = 20.0


class AnomaliesArguments(Struct, frozen=True):
    """Arguments of `detect_anomalies`."""

    recording_id: int
    sensitivity: Sensitivity = 3.0
    mode: Mode = "global"
    window_s: Window = 60.0


class MetricsArguments(Struct, frozen=True):
    """Arguments of `calculate_session_metrics`."""

    recording_id: int


class StatisticsArguments(Struct, frozen=True):
    """Arguments of `generate_statistics`: dates as YYYY-MM-DD, both inclusive."""

    user_id: int
    start_date: str
    end_date: str


async def _analyze(attempt: Attempt, arguments: AnalyzeArguments) -> dict[str, Any]:
    """Metrics, quality, distance and anomalies of a session."""
    return await _compute(attempt, "session_analysis", arguments)


async def _detect(attempt: Attempt, arguments: AnomaliesArguments) -> dict[str, Any]:
    """Readings of a session that lie far off, by sensor and channel."""
    return await _compute(attempt, "anomaly_report", arguments)


async def _measure(attempt: Attempt, arguments: MetricsArguments) -> dict[str, Any]:
    """Count, mean, deviation, minimum and maximum of every axis of a session, and the quality of its sampling."""
    return await _compute(attempt, "metrics_report", arguments)


async def _summarise(attempt: Attempt, arguments: StatisticsArguments) -> dict[str, Any]:
    """Sessions, readings, durations, sensors and distance of a user between two dates."""
    return await _compute(attempt, "user_statistics", arguments)


async def _compute(attempt: Attempt, function: store.Function, arguments: Struct) -> dict[str, Any]:
    await attempt.report(10, "Starting analysis...")
    async with attempt.pool.connection() as connection, connection.transaction():
        result = await store.compute(connection, function, arguments, limit_s=attempt.seconds_left)
    if result is None:
        raise NotFound("there is no such session")
    await attempt.report(90, "Saving results...")
    return result


analyze_sensor_data = register(
    Task(
        name="analyze_sensor_data",
        arguments=AnalyzeArguments,
        result=SessionAnalysis,
        lane="interactive",
        limits=_LIMITS,
        run=_analyze,
        completed_message=_COMPLETED,
    )
)
detect_anomalies = register(
    Task(
        name="detect_anomalies",
        arguments=AnomaliesArguments,
        result=AnomalyReport,
        lane="interactive",
        limits=_LIMITS,
        run=_detect,
        completed_message=_COMPLETED,
    )
)
calculate_session_metrics = register(
    Task(
        name="calculate_session_metrics",
        arguments=MetricsArguments,
        result=SessionMetrics,
        lane="interactive",
        limits=_LIMITS,
        run=_measure,
        completed_message=_COMPLETED,
    )
)
generate_statistics = register(
    Task(
        name="generate_statistics",
        arguments=StatisticsArguments,
        result=UserStatistics,
        lane="interactive",
        limits=_LIMITS,
        run=_summarise,
        completed_message=_COMPLETED,
    )
)
