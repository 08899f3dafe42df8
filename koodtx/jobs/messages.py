"""A job as the database has it, and as people see it."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct

from koodtx.keyset import Place

Status = Literal["queued", "running", "completed", "failed", "cancelled"]
Lane = Literal["interactive", "batch"]
ENDED = frozenset({"completed", "failed", "cancelled"})
# The order in which a worker of both looks for jobs.
LANES: tuple[Lane, ...] = ("interactive", "batch")


class Job(Struct):
    """A row of app.jobs. `attempt` is the fencing token: what an older one writes does not count."""

    id: UUID
    task: str
    lane: Lane
    queue_rank: int | None
    user_id: int | None
    recording_id: int | None
    change_no: int | None
    session_id: str | None
    arguments: dict[str, Any]
    status: Status
    progress: int
    message: str | None
    version: int
    attempt: int
    last_attempt: int
    max_attempts: int
    run_at: datetime
    lease_until: datetime | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    result: dict[str, Any] | None
    error: str | None
    answer_key: str | None

    @property
    def place(self) -> Place[UUID]:
        """Where it is in lists of jobs."""
        return Place(self.created_at, self.id)

    @property
    def processing_time_s(self) -> float | None:
        if self.started_at is None or self.finished_at is None:
            return None
        return (self.finished_at - self.started_at).total_seconds()


class JobState(Struct):
    """How far a job is."""

    job_id: UUID
    task: str
    lane: Annotated[Lane, Meta(description="`interactive`: somebody waits for it.")]
    session_id: Annotated[str | None, Meta(description="The session it is about, as the client calls it.")]
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
    error: Annotated[str | None, Meta(description="What went wrong, in the last attempt; null: nothing.")]


def state_of(job: Job) -> JobState:
    """What a job's user may see of it."""
    return JobState(
        job_id=job.id,
        task=job.task,
        lane=job.lane,
        session_id=job.session_id,
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


class PublishedState(Struct):
    """What goes through Redis: the state, and whose job it is. None: the service's own."""

    state: JobState
    user_id: int | None = None


class JobList(Struct):
    """The newest jobs of everybody."""

    jobs: list[JobState]


class JobPage(Struct):
    """A page of the caller's jobs, newest first."""

    jobs: list[JobState]
    next: Annotated[str | None, Meta(description="Pass it as `before` for the next page; null: there is none.")]


Name = Annotated[str, Meta(min_length=1, max_length=64, pattern="^[^\\x00]*$")]


class JobFilter(Struct, forbid_unknown_fields=True):
    """Which jobs; at least one field. Several fields: those that all of them fit."""

    task: Name | None = None
    lane: Lane | None = None
    status: Status | None = None
    username: Name | None = None


class JobCount(Struct):
    """How many jobs were changed, at most 1,000 by one request: repeat it until it is 0."""

    changed: int


class Worker(Struct):
    """A worker process; `running`: how many jobs it runs now; `lanes` and `tasks`: those that it claims."""

    name: str
    started_at: datetime
    seen_at: datetime
    running: int
    lanes: list[Lane]
    tasks: list[str]


class WorkerList(Struct):
    """The workers of the last minute."""

    workers: list[Worker]
