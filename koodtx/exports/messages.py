"""Formats of downloads, and what is written into them."""

from datetime import datetime
from typing import Any, Literal, NamedTuple, get_args
from uuid import UUID

from msgspec import Struct

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
