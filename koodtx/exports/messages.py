"""Formats of downloads, and what is written into them."""

from datetime import datetime
from typing import Annotated, Any, Literal, NamedTuple, get_args
from uuid import UUID

from msgspec import Meta, Struct, field

from koodtx.jobs.messages import Status
from koodtx.names import ClientId
from koodtx.storage.messages import Link
from koodtx.sync.messages import PulledSession

SessionFormat = Literal["csv", "json", "zip", "parquet", "gpx"]
ResultFormat = Literal["json", "csv", "zip"]
SESSION_FORMATS: tuple[SessionFormat, ...] = get_args(SessionFormat)
RESULT_FORMATS: tuple[ResultFormat, ...] = get_args(ResultFormat)

MEDIA_TYPES: dict[str, str] = {
    "csv": "text/csv",
    "json": "application/json",
    "zip": "application/zip",
    "parquet": "application/vnd.apache.parquet",
    "gpx": "application/gpx+xml",
}


class ExportedSession(NamedTuple):
    """A session to write. `version` changes whenever what is stored of it does, and never comes a second time."""

    recording_id: int
    version: str
    fields: PulledSession

    @property
    def stored_count(self) -> int:
        """Readings that were not archived."""
        return self.fields.data_count - self.fields.archived_count


class Result(Struct, frozen=True):
    """What a job found. `document`: None until it has completed. `version` rises with every change of the job.

    `title`: what the file is called; `units`: what acceleration is in, by sensor, as the app declared it.
    """

    job_id: UUID
    version: str
    kind: str
    status: str
    session_id: str | None
    document: dict[str, Any] | None
    units: dict[str, str]

    @property
    def title(self) -> str:
        return f"{self.kind}_{self.session_id}" if self.session_id else self.kind


class Sensor(Struct, frozen=True):
    """A sensor of a session.

    `from_at`, `to_at`: times between which its readings lie, archived ones included. `archived_days`: first moment of
    each UTC day of which only rollups are left. `unit`: m/s2 or g as the app declared it; None: it did not.
    """

    sensor_type_id: int
    sensor: str
    value_key: str | None
    unit: str | None
    from_at: datetime
    to_at: datetime
    archived_days: list[datetime]


class UsedColumns(Struct, frozen=True):
    """How many readings of a sensor are stored, and which columns of theirs hold something."""

    readings: int
    columns: list[str]


class AxisRollup(Struct, frozen=True):
    """One axis in a minute. `std`: sample deviation; None for a single value."""

    count: int
    mean: float
    std: float | None
    min: float
    max: float


class ArchivedMinute(Struct, frozen=True):
    """What is left of a sensor's readings of one minute."""

    at: datetime
    readings: int
    axes: dict[str, AxisRollup]


class ExportRequest(Struct, forbid_unknown_fields=True):
    """Which sessions: those named, or all that began from `from` to before `to`."""

    session_ids: Annotated[list[ClientId], Meta(min_length=1, max_length=1000)] | None = None
    from_at: Annotated[datetime, Meta(tz=True)] | None = field(default=None, name="from")
    to_at: Annotated[datetime, Meta(tz=True)] | None = field(default=None, name="to")
    format: Annotated[str, Meta(max_length=64, examples=["zip"])] = "zip"


class ExportResult(Struct):
    """A file that was written. `key`: its name in the storage, which alone gives nobody access."""

    key: str
    file_name: str
    bytes: int
    sessions: int


class ExportState(Struct):
    """How far an export is, and where its file can be downloaded."""

    job_id: UUID
    status: Status
    progress: Annotated[int, Meta(ge=0, le=100, description="Per cent, roughly.")]
    message: str | None
    error: Annotated[str | None, Meta(description="What went wrong; null: nothing.")]
    format: SessionFormat
    sessions: int
    created_at: datetime
    finished_at: datetime | None
    result: Annotated[ExportResult | None, Meta(description="Null until it has completed.")]
    link: Annotated[
        Link | None,
        Meta(description="A new one for each request; null until it has completed, and when the file was removed."),
    ]
