"""What is told of a session, and what may be changed."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from koodtx.sync.messages import PulledSession


class Session(PulledSession, kw_only=True):
    """A recording session, without its readings."""

    first_reading_at: datetime | None
    last_reading_at: datetime | None


class SessionList(Struct):
    """A page of sessions, newest first."""

    sessions: list[Session]
    next: Annotated[int | None, Meta(description="Pass it as `before` for the next page; null: there is none.")]


class Range(Struct):
    """Least and greatest value in each bucket, null where there is no reading."""

    min: list[float | None]
    max: list[float | None]


class Series(Struct):
    """A sensor of a session for a chart: `at` and every list of `axes` are equally long, a value a bucket."""

    session_id: str
    sensor: str
    at: Annotated[list[datetime], Meta(description="Where each bucket begins; buckets without readings are left out.")]
    axes: Annotated[dict[str, Range], Meta(description="By axis: x, y, z, magnitude, pressure, ...")]


class SessionPatch(Struct):
    """What may be changed."""

    notes: Annotated[str, Meta(max_length=10_000, pattern="^[^\\x00]*$")] | None
