"""Questions and answers."""

from datetime import date, datetime
from typing import Annotated, Literal, get_args
from uuid import UUID

from msgspec import Meta, Struct

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
from koodtx.jobs.messages import Job, Status
from koodtx.jobs.store import QueueStats
from koodtx.names import ClientId, Name

KindOfSession = Literal["analyze_sensor_data", "detect_anomalies", "calculate_session_metrics"]
KindOfUser = Literal["generate_statistics", "mobility", "activity", "rhythm"]
Kind = Literal[KindOfSession, KindOfUser]
KINDS: tuple[Kind, ...] = get_args(Kind)
KINDS_OF_USER: tuple[KindOfUser, ...] = get_args(KindOfUser)


class AnalysisRequest(Struct, forbid_unknown_fields=True):
    """A question about one session, or about the caller: `generate_statistics`, `mobility`, `activity`, `rhythm`."""

    kind: Kind
    session_id: ClientId | None = None
    sensitivity: Sensitivity = 3.0
    mode: Mode = "global"
    window_s: Window = 60.0
    accuracy_max_m: Accuracy = 20.0
    sensor: Annotated[Name, Meta(description="Name of the sensor, for `activity` and `rhythm`.")] = "accelerometer"
    axis: Annotated[
        Name, Meta(description="Axis, for `rhythm`: x, y, z, magnitude, speed, altitude, accuracy or a numeric key.")
    ] = "magnitude"
    start_date: (
        Annotated[date, Meta(description="Inclusive, in the caller's time zone; default: 30 days in all.")] | None
    ) = None
    end_date: Annotated[date, Meta(description="Inclusive; default: the day on which the job runs.")] | None = None
    run_at: Annotated[datetime, Meta(tz=True, description="Not before this time.")] | None = None


class AnalysisStarted(Struct, omit_defaults=True):
    """The job that answers."""

    job_id: UUID
    status: Status
    reused: Annotated[
        bool, Meta(description="The same was asked before of the same state or time; this is its job.")
    ] = False


class _Answer(Struct, tag_field="kind"):
    job_id: UUID
    status: Status
    error: Annotated[str | None, Meta(description="What went wrong, in the last attempt; null: nothing.")]


class AnalyzeSensorDataResult(_Answer, tag="analyze_sensor_data"):
    """The answer of a job, null until it is there."""

    result: SessionAnalysis | None


class DetectAnomaliesResult(_Answer, tag="detect_anomalies"):
    """The answer of a job, null until it is there."""

    result: AnomalyReport | None


class CalculateSessionMetricsResult(_Answer, tag="calculate_session_metrics"):
    """The answer of a job, null until it is there."""

    result: SessionMetrics | None


class GenerateStatisticsResult(_Answer, tag="generate_statistics"):
    """The answer of a job, null until it is there."""

    result: UserStatistics | None


class MobilityResult(_Answer, tag="mobility"):
    """The answer of a job, null until it is there."""

    result: UserMobility | None


class ActivityResult(_Answer, tag="activity"):
    """The answer of a job, null until it is there."""

    result: UserActivity | None


class RhythmResult(_Answer, tag="rhythm"):
    """The answer of a job, null until it is there."""

    result: UserRhythm | None


AnalysisResult = (
    AnalyzeSensorDataResult
    | DetectAnomaliesResult
    | CalculateSessionMetricsResult
    | GenerateStatisticsResult
    | MobilityResult
    | ActivityResult
    | RhythmResult
)


class AnalysisState(Struct):
    """How far an analysis is."""

    job_id: UUID
    kind: Annotated[str, Meta(description="The task of the job.")]
    status: Status
    progress: Annotated[int, Meta(ge=0, le=100, description="Per cent.")]
    message: str | None
    version: Annotated[int, Meta(description="Rises with every change.")]
    attempt: int
    run_at: datetime
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    processing_time_s: float | None
    error: str | None


def analysis_state(job: Job) -> AnalysisState:
    """The state of a job under the names that this API has for it."""
    return AnalysisState(
        job_id=job.id,
        kind=job.task,
        status=job.status,
        progress=job.progress,
        message=job.message,
        version=job.version,
        attempt=job.attempt,
        run_at=job.run_at,
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
        processing_time_s=job.processing_time_s,
        error=job.error,
    )


class AnalysisHistory(Struct):
    """A page of the caller's analyses, newest first."""

    jobs: list[AnalysisState]
    next: Annotated[str | None, Meta(description="Pass it as `before` for the next page; null: there is none.")]


class CacheStats(Struct):
    """`hit_rate` is null before the first read."""

    hits: int
    misses: int
    hit_rate: float | None


class AnalysisStats(Struct):
    """The cache and the queue."""

    cache: CacheStats
    queue: QueueStats
