"""The tasks, whose names are the kinds of a question. They call SQL functions and hold no maths."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

from msgspec import Struct, structs

from koodtx.analysis import store
from koodtx.analysis.answer_key import Question
from koodtx.analysis.period import check_length, resolve
from koodtx.analysis.results import (
    Accuracy,
    AnomalyReport,
    Mode,
    Sensitivity,
    SessionAnalysis,
    SessionMetrics,
    Window,
)
from koodtx.analysis.user_results import UserActivity, UserMobility, UserRhythm, UserStatistics
from koodtx.database.query import Connection
from koodtx.errors import NotFound
from koodtx.jobs import store as jobs
from koodtx.jobs.attempt import Attempt, Limits
from koodtx.jobs.task import Task, register
from koodtx.names import RowId

_LIMITS = Limits(soft_s=240, hard_s=300)
_COMPLETED = "Analysis completed"


class AnalyzeArguments(Struct, frozen=True):
    """Arguments of `analyze_sensor_data`."""

    recording_id: RowId
    sensitivity: Sensitivity = 3.0
    accuracy_max_m: Accuracy = 20.0


class AnomaliesArguments(Struct, frozen=True):
    """Arguments of `detect_anomalies`."""

    recording_id: RowId
    sensitivity: Sensitivity = 3.0
    mode: Mode = "global"
    window_s: Window = 60.0


class MetricsArguments(Struct, frozen=True):
    """Arguments of `calculate_session_metrics`."""

    recording_id: RowId


class StatisticsArguments(Struct, frozen=True):
    """Arguments of `generate_statistics`: dates, both inclusive.

    Without an end the period ends on the day on which the job runs, without a start it has 30 days.
    """

    user_id: RowId
    start_date: date | None = None
    end_date: date | None = None


class MobilityArguments(StatisticsArguments, frozen=True):
    """Arguments of `mobility`."""

    accuracy_max_m: Accuracy = 20.0


class ActivityArguments(StatisticsArguments, frozen=True):
    """Arguments of `activity`."""

    sensor: str = "accelerometer"


class RhythmArguments(StatisticsArguments, frozen=True):
    """Arguments of `rhythm`."""

    sensor: str = "accelerometer"
    axis: str = "magnitude"


async def _analyze(attempt: Attempt, arguments: AnalyzeArguments) -> dict[str, Any]:
    """Metrics, quality, distance and anomalies of a session."""
    return await _of_session(attempt, "analyze_sensor_data", "session_analysis", arguments)


async def _detect(attempt: Attempt, arguments: AnomaliesArguments) -> dict[str, Any]:
    """Readings of a session that lie far off, by sensor and channel."""
    return await _of_session(attempt, "detect_anomalies", "anomaly_report", arguments)


async def _measure(attempt: Attempt, arguments: MetricsArguments) -> dict[str, Any]:
    """Count, mean, deviation, minimum and maximum of every axis of a session, and the quality of its sampling."""
    return await _of_session(attempt, "calculate_session_metrics", "metrics_report", arguments)


async def _summarise(attempt: Attempt, arguments: StatisticsArguments) -> dict[str, Any]:
    """Sessions, readings, durations, sensors and distance of a user between two dates."""
    return await _of_user(attempt, "generate_statistics", "user_statistics", arguments)


async def _move(attempt: Attempt, arguments: MobilityArguments) -> dict[str, Any]:
    """Distance, home, places and how far from them a user was, on each day between two dates."""
    return await _of_user(attempt, "mobility", "mobility_report", arguments)


async def _act(attempt: Attempt, arguments: ActivityArguments) -> dict[str, Any]:
    """Minutes of activity and steps of a user on each day between two dates."""
    return await _of_user(attempt, "activity", "activity_report", arguments)


async def _repeat(attempt: Attempt, arguments: RhythmArguments) -> dict[str, Any]:
    """The daily rhythm of an axis of a sensor of a user between two dates."""
    return await _of_user(attempt, "rhythm", "rhythm_report", arguments)


async def _of_user(
    attempt: Attempt, task: str, function: store.Function, arguments: StatisticsArguments
) -> dict[str, Any]:
    async def find(connection: Connection) -> Question:
        state = await store.user_state(connection, arguments.user_id)
        period = await resolve(connection, arguments.user_id, arguments.start_date, arguments.end_date)
        if state is None or period is None:
            raise NotFound("there is no such user")
        check_length(task, period.start_date, period.end_date)
        return Question(task, structs.replace(arguments, **structs.asdict(period)), state)

    question, result = await _compute(attempt, function, find)
    days = {name: getattr(question.arguments, name).isoformat() for name in ("start_date", "end_date")}
    return days | {"timezone": question.state.timezone} | result


async def _of_session(attempt: Attempt, task: str, function: store.Function, arguments: Any) -> dict[str, Any]:
    async def find(connection: Connection) -> Question:
        state = await store.session_state(connection, arguments.recording_id)
        if state is None:
            raise NotFound("there is no such session")
        return Question(task, arguments, state)

    _, result = await _compute(attempt, function, find)
    return result


async def _compute(
    attempt: Attempt, function: store.Function, find: Callable[[Connection], Awaitable[Question]]
) -> tuple[Question, dict[str, Any]]:
    """What was answered, with the state that the answer is of, and the answer."""
    await attempt.report(10, "Starting analysis...")
    async with attempt.pool.connection() as connection, connection.transaction():
        await store.read_one_state(connection)
        question = await find(connection)
        result = await store.compute(connection, function, question.arguments, limit_s=attempt.seconds_left)
    if result is None:
        raise NotFound("there is no such session")
    async with attempt.pool.connection() as connection:
        await jobs.set_answer_key(connection, attempt.job_id, attempt.number, question.key)
    await attempt.report(90, "Saving results...")
    return question, result


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
mobility = register(
    Task(
        name="mobility",
        arguments=MobilityArguments,
        result=UserMobility,
        lane="interactive",
        limits=_LIMITS,
        run=_move,
        completed_message=_COMPLETED,
    )
)
activity = register(
    Task(
        name="activity",
        arguments=ActivityArguments,
        result=UserActivity,
        lane="interactive",
        limits=_LIMITS,
        run=_act,
        completed_message=_COMPLETED,
    )
)
rhythm = register(
    Task(
        name="rhythm",
        arguments=RhythmArguments,
        result=UserRhythm,
        lane="interactive",
        limits=_LIMITS,
        run=_repeat,
        completed_message=_COMPLETED,
    )
)
