"""What is told of a session, and what may be changed."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from koodtx.sync.messages import PulledSession


class Session(PulledSession):
    """A recording session, without its readings."""

    first_reading_at: datetime | None
    last_reading_at: datetime | None


class SessionList(Struct):
    """A page of sessions, newest first."""

    sessions: list[Session]
    next: Annotated[int | None, Meta(description="Pass it as `before` for the next page; null: there is none.")]


class SessionPatch(Struct):
    """What may be changed."""

    notes: Annotated[str, Meta(max_length=10_000, pattern="^[^\\x00]*$")] | None
