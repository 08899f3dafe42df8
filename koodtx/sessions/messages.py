"""Requests and answers of sessions."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from koodtx.names import Notes, PrintableName
from koodtx.sync.messages import PulledSession, Time
from koodtx.sync.session_context import SessionLabel

MAX_LABELS = 1000
# Of a request with as many, however it is written: an emoji in a label can take 12 bytes, as two escapes.
LABELS_BYTES = MAX_LABELS * 2_000

# How the points of a chart are chosen.
Method = Literal["min_max", "lttb"]


class Session(PulledSession, kw_only=True):
    """A recording session, without its readings."""

    first_reading_at: datetime | None
    last_reading_at: datetime | None


class SessionList(Struct):
    """A page of sessions, those that began last first."""

    sessions: list[Session]
    next: Annotated[str | None, Meta(description="Pass it as `before` for the next page; null: there is none.")]


class AxisRange(Struct):
    """Minimum and maximum of each bucket, null in buckets without readings."""

    min: list[float | None]
    max: list[float | None]


class Series(Struct, tag_field="method", tag="min_max"):
    """One sensor of a session for a chart. `at` and every list of `axes` have one value per bucket."""

    session_id: str
    sensor: str
    at: Annotated[list[datetime], Meta(description="Start of each bucket. Buckets without readings are omitted.")]
    axes: Annotated[dict[str, AxisRange], Meta(description="By axis: x, y, z, magnitude, pressure, ...")]


class AxisPoints(Struct):
    """Readings of one axis that keep the shape of its line, in the order of time; both lists are of the same length."""

    at: list[datetime]
    value: list[float]


class SeriesPoints(Struct, tag_field="method", tag="lttb"):
    """One sensor of a session for a chart, by `method=lttb`: each axis has points of its own."""

    session_id: str
    sensor: str
    axes: Annotated[dict[str, AxisPoints], Meta(description="By axis: x, y, z, magnitude, pressure, ...")]


class SessionPatch(Struct):
    """The fields of a session that can be changed here."""

    notes: Notes | None


class NewLabel(Struct):
    """What was done from a time to a later one, both included."""

    label: PrintableName
    from_at: Time = field(name="from")
    to_at: Time = field(name="to")
    source: Annotated[PrintableName | None, Meta(description="Who or what set it.")] = None


class NewLabels(Struct):
    """The labels of a session, in any order; they may overlap. They replace those that were set before."""

    labels: Annotated[list[NewLabel], Meta(max_length=MAX_LABELS)]


class SessionLabels(Struct):
    """The labels of a session that were set by API, as they were sent."""

    labels: list[SessionLabel]
