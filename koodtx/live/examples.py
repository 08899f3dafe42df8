"""Examples of the OpenAPI document: what listeners are sent."""

from datetime import UTC, datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from koodtx.jobs import examples as job_examples
from koodtx.jobs.examples import JOB_ID
from koodtx.jobs.messages import JobState
from koodtx.live.messages import Completed, Connected, Failed, JobChanged, JobProgress, SessionChanged, Watching

TICKET = {"ticket": "ticket_q1fK0cXo3v5lYw8u2hJ7nRbTz9sDaEgM4iPkVtCyNxU", "expires_in": 30}

_JOB = UUID(JOB_ID)


def _event(message: Struct, event_id: str | None = None) -> str:
    """One event as it is sent."""
    first = "" if event_id is None else f"id: {event_id}\r\n"
    return f"{first}data: {msgspec.json.encode(message).decode()}\r\n\r\n"


JOB_EVENTS = {
    "connected": _event(Connected(_JOB, "queued", 0), "1"),
    "progress": _event(JobProgress(_JOB, 10, "running", "Starting analysis..."), "3"),
    "completed": _event(Completed(_JOB, {"session_id": "walk", "record_count": 3602}), "5"),
    "error": _event(Failed(_JOB, "cancelled"), "5"),
}
USER_EVENTS = {
    "connected": _event(Watching()),
    "a job": _event(JobChanged(msgspec.convert(job_examples.STATE, JobState))),
    "a session": _event(SessionChanged("walk", datetime(2025, 10, 9, 9, 3, 21, tzinfo=UTC), False), "17"),
}
