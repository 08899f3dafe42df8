"""A job as the database has it, and as people see it."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct

Status = Literal["queued", "running", "completed", "failed", "cancelled"]
ENDED = frozenset({"completed", "failed", "cancelled"})


class Job(Struct):
    """A row of app.jobs. `attempt` is the fencing token: what an older one writes does not count."""

    id: UUID
    kind: str
    user_id: int | None
    recording_id: int | None
    session_change_no: int | None
    arguments: dict[str, Any]
    status: Status
    progress: int
    message: str | None
    version: int
    attempt: int
    last_attempt: int
    run_at: datetime
    lease_until: datetime | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    result: dict[str, Any] | None
    error: str | None

    @property
    def processing_time_s(self) -> float | None:
        if self.started_at is None or self.finished_at is None:
            return None
        return (self.finished_at - self.started_at).total_seconds()


class JobState(Struct):
    """How far a job is."""

    job_id: UUID
    kind: str
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


def state_of(job: Job) -> JobState:
    """What may be told of a job."""
    return JobState(
        job_id=job.id,
        kind=job.kind,
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


class JobList(Struct):
    """The newest jobs of everybody."""

    jobs: list[JobState]


class Worker(Struct):
    """A worker process; `running`: how many jobs it runs just now."""

    name: str
    started_at: datetime
    seen_at: datetime
    running: int


class WorkerList(Struct):
    """The workers of the last minute."""

    workers: list[Worker]
