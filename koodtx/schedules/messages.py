"""Schedules, their runs, and what administrators may do with them."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from koodtx.jobs.messages import Status, Worker
from koodtx.names import PrintableName, RowId

# Inside a struct with a field of that name, `date` is the field.
Day = date

Frequency = Literal["hourly", "daily", "weekly", "monthly"]
Often = Annotated[Frequency, Meta(description="`weekly` is on Sundays, `monthly` on the first day.")]
Hour = Annotated[int, Meta(ge=0, le=23, description="Of the local time; `hourly` does not use it.")]
Minute = Annotated[int, Meta(ge=0, le=59, description="Of the local time; `hourly`: of each hour of UTC.")]
Args = Annotated[dict[str, Any], Meta(description="Arguments of the task.")]
TaskName = Annotated[
    str,
    Meta(min_length=1, max_length=64, description="A task, as in `task` of a job.", examples=["optimize_database"]),
]
Timezone = Annotated[str, Meta(min_length=1, max_length=64, description="IANA name.", examples=["Asia/Seoul"])]


class NewSchedule(Struct, forbid_unknown_fields=True):
    """When a task is to be started. Without a time zone: that of the service."""

    name: PrintableName
    frequency: Often
    task: TaskName = "recommend_daily"
    hour: Hour = 0
    minute: Minute = 0
    timezone: Timezone | None = None
    args: Args = {}
    is_active: bool = True


class ScheduleChange(Struct, forbid_unknown_fields=True):
    """Absent fields stay as they are. `args` replaces all of them."""

    id: Annotated[RowId, Meta(description="Of the schedule, if path and query do not name it.")] | UnsetType = UNSET
    name: PrintableName | UnsetType = UNSET
    task: TaskName | UnsetType = UNSET
    frequency: Often | UnsetType = UNSET
    hour: Hour | UnsetType = UNSET
    minute: Minute | UnsetType = UNSET
    timezone: Timezone | UnsetType = UNSET
    args: Args | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET


class ScheduleChoice(Struct, forbid_unknown_fields=True):
    """Which schedule."""

    id: RowId


class BatchRun(Struct):
    """A run: of a scheduled time, or requested."""

    run_id: Annotated[UUID, Meta(description="The id of its job.")]
    schedule_id: Annotated[int | None, Meta(description="Null: a run of a task, or the schedule was deleted.")]
    schedule: Annotated[str | None, Meta(description="The name of the schedule.")]
    task: str
    scheduled_at: Annotated[datetime | None, Meta(description="Null: the run was requested.")]
    requested_at: Annotated[datetime | None, Meta(description="Null: the run was scheduled.")]
    requested_by: Annotated[str | None, Meta(description="The user name; null: scheduled, or by a command.")]
    status: Status
    attempt: int
    started_at: datetime | None
    finished_at: datetime | None
    counts: Annotated[dict[str, float], Meta(description="How much it did, once it has completed.")]
    error: Annotated[str | None, Meta(description="What went wrong, in the last attempt; null: nothing.")]


class Schedule(Struct):
    """When a task is started; times by the database's clock."""

    id: int
    name: str
    task: str
    frequency: Often
    hour: Hour
    minute: Minute
    timezone: str
    args: dict[str, Any]
    is_active: bool
    next_run_at: Annotated[datetime | None, Meta(description="Null: it is not active.")]
    due_at: Annotated[
        datetime | None,
        Meta(description="A time that has come, and whose run no scheduler has started; null: there is none."),
    ]
    last_run: BatchRun | None


class ScheduleList(Struct):
    """All schedules, by name."""

    schedules: list[Schedule]


class RunRequest(Struct, forbid_unknown_fields=True):
    """A schedule or a task, to be run now."""

    schedule_id: RowId | None = None
    task: TaskName | None = None
    args: Annotated[dict[str, Any], Meta(description="Take precedence over arguments of the schedule.")] = {}
    date: Annotated[Day | None, Meta(description="For tasks with an argument `date`, or a first and last one.")] = None
    username: Annotated[PrintableName | None, Meta(description="For tasks with an argument `user_id`.")] = None


class RunStarted(Struct):
    """A job of the task is queued."""

    run_id: Annotated[UUID, Meta(description="The id of the job.")]
    task: str
    status: Status = "queued"


class BatchStatus(Struct):
    """Schedules, the newest runs, and the workers that were alive in the last minute."""

    schedules: list[Schedule]
    runs: list[BatchRun]
    workers: list[Worker]


class SyncStarted(Struct):
    """How many schedulers were reached. The others read the schedules within five seconds."""

    schedulers: int
