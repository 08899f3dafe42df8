"""Messages to listeners: each holds the whole state, so that skipped ones are not missed."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct

from koodtx.errors import KoodtxError
from koodtx.jobs.messages import ENDED, Job, JobState, Status
from koodtx.jobs.task import TASKS

# Close codes of the WebSocket.
ENDED_CODE = 1000
TOKEN_INVALID = 4401
ORIGIN_NOT_ALLOWED = 4403
NO_SUCH_JOB = 4404
NO_PONG = 4408
ACCESS_LOST = 4410
TOO_SLOW = 4413
TOO_MANY = 4429

_COMPLETED = "Completed"


class AccessLost(KoodtxError):
    """The login was revoked, or the job is no longer yours to see."""


class Connected(Struct, tag="connected"):
    """The first message."""

    job_id: UUID
    status: Status
    progress: int


class JobProgress(Struct, tag="progress"):
    """How far the job is. Versions may be skipped and never go back."""

    job_id: UUID
    progress: int
    status: Status
    message: str | None


class Completed(Struct, tag="completed"):
    """The last message of a job that went well; `summary`: the numbers at the top of its result."""

    job_id: UUID
    summary: dict[str, Any]


class Failed(Struct, tag="error"):
    """The last message of a job that failed or was cancelled."""

    job_id: UUID
    error: str


class Ping(Struct, tag="ping"):
    """To be answered by `{"type": "pong"}`."""


class Watching(Struct, tag="connected"):
    """The first message of a stream of everything."""


class JobChanged(Struct, tag="job"):
    """The state of one of the user's jobs."""

    job: JobState


class SessionChanged(Struct, tag="session"):
    """One of the user's sessions has changed, or is deleted: pull what is new."""

    session_id: str
    updated_at: datetime
    is_deleted: bool


class SharesChanged(Struct, tag="shares"):
    """What is shared with the user has changed: request `shared-with-me` of analyses and of sessions."""


class Ended(Struct, tag="error"):
    """The last message: the login was revoked."""

    error: str


def _json_of(messages: str) -> Meta:
    """Describes a text that is JSON of a schema of the OpenAPI document."""
    content = {"contentMediaType": "application/json", "contentSchema": {"$ref": f"#/components/schemas/{messages}"}}
    return Meta(description=f"JSON of `{messages}`.", extra_json_schema=content)


class JobEvent(Struct):
    """One server-sent event of a job."""

    data: Annotated[str, _json_of("JobMessage")]


class UserEvent(Struct):
    """One server-sent event of a user's stream."""

    data: Annotated[str, _json_of("UserMessage")]


class Ticket(Struct):
    """Opens one WebSocket or event stream: `?token=`."""

    ticket: str
    expires_in: Annotated[int, Meta(description="Seconds.")]


Message = Connected | JobProgress | Completed | Failed | Ping


def progress_of(state: JobState) -> JobProgress:
    message = _completed_message(state.task) if state.status == "completed" else state.message
    return JobProgress(state.job_id, state.progress, state.status, message)


def last_of(job: Job) -> Completed | Failed:
    """The message that ends it. `job` has ended."""
    assert job.status in ENDED
    if job.status == "completed":
        return Completed(job.id, {key: value for key, value in (job.result or {}).items() if _is_plain(value)})
    return Failed(job.id, job.error or job.status)


def _completed_message(task: str) -> str:
    return TASKS[task].completed_message if task in TASKS else _COMPLETED


def _is_plain(value: Any) -> bool:
    return not isinstance(value, dict | list)
