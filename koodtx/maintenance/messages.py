"""A run as the log has it, and the report for administrators."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct

RunStatus = Literal["running", "paused", "completed", "failed", "unconfirmed"]
Setting = Literal["sensor-data", "ceiling", "sync-logs", "columnstore", "uploaded-files", "webhook-deliveries"]


class Run(Struct):
    """A row of app.maintenance_runs."""

    id: int
    task: str
    job_id: UUID | None
    arguments: dict[str, Any]
    is_dry_run: bool
    cutoff_at: datetime | None
    status: RunStatus
    started_at: datetime
    host_started_at: datetime
    finished_at: datetime | None
    resume_after: int
    session_count: int
    rows_freed: int
    bytes_freed: int
    details: dict[str, Any]
    error: str | None


class Totals(Struct):
    """What is stored. Archived readings are those of which only rollups are left."""

    users: int
    sessions: int
    active_sessions: int
    archived_sessions: int
    readings_stored: int
    readings_archived: int
    sessions_to_store: Annotated[
        int,
        Meta(description="Sessions with hours whose rollups `store_rollups` is to store; 0 on TimescaleDB Community."),
    ]
    database_bytes: int


class TableState(Struct):
    """A table, with all chunks of a hypertable. Rows are PostgreSQL's estimate; bytes include indexes."""

    name: str
    rows: int
    dead_rows: int
    bytes: int
    chunks: int
    vacuumed_at: datetime | None
    analyzed_at: datetime | None


class RetentionSetting(Struct):
    """How long something is kept, and what its task would free now (null: unknown before the run)."""

    name: Setting
    days: int
    task: str | None
    is_applied: Annotated[bool, Meta(description="False: this edition of the database does not have it.")]
    rows: int | None
    bytes: int | None


class RunState(Struct):
    """A run of the last 30 days."""

    task: str
    job_id: UUID | None
    is_dry_run: bool
    status: RunStatus
    started_at: datetime
    finished_at: datetime | None
    cutoff_at: Annotated[datetime | None, Meta(description="What was older went.")]
    sessions: int
    rows_freed: int
    bytes_freed: int
    error: str | None


class TimescaleJob(Struct):
    """A background job of TimescaleDB that belongs to KooDTX: a refresh, the columnstore, retention."""

    name: str
    status: Annotated[str | None, Meta(description="`Success` or `Failed`; null before its first run.")]
    last_run_at: datetime | None
    runs: int
    failures: int
    error: Annotated[str | None, Meta(description="Why the last run failed; null if it did not.")]


class Forecast(Struct):
    """Storage if readings go on to come as in the last 30 days."""

    readings_per_day: float
    bytes_per_reading: float
    bytes_per_day: int
    bytes_in_30_days: Annotated[int, Meta(description="The whole database, without any clean-up.")]
    bytes_in_90_days: int
    bytes_in_365_days: int
    settled_bytes: Annotated[int, Meta(description="What readings take when clean-up removes as many as come.")]


class MaintenanceReport(Struct):
    """The state of storage and of maintenance; times by the database's clock."""

    created_at: datetime
    edition: str
    totals: Totals
    tables: list[TableState]
    retention: list[RetentionSetting]
    runs: list[RunState]
    timescaledb_jobs: list[TimescaleJob]
    forecast: Forecast
