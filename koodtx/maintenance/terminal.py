"""Runs and the report as tables in a terminal."""

from rich.console import Console
from rich.filesize import decimal
from rich.table import Table
from rich.text import Text

from koodtx.maintenance.messages import MaintenanceReport, Run, RunState, TableState
from koodtx.maintenance.store import Setting

# As wide as it gets: piped into a file or grep, nothing may be cut off.
_WIDTH = 140


def show_run(run: Run) -> None:
    """What a task did, or would do."""
    would = "would have " if run.is_dry_run else ""
    table = Table(box=None, show_header=False)
    table.add_row("task", run.task + (" (dry run)" if run.is_dry_run else ""))
    if run.cutoff_at is not None:
        table.add_row("older than", f"{run.cutoff_at:%Y-%m-%d %H:%M:%S} UTC")
        table.add_row("sessions", f"{run.session_count:,}")
        table.add_row(f"{would}freed", f"{run.rows_freed:,} rows, {decimal(run.bytes_freed)}")
    for name, value in run.details.items():
        if not isinstance(value, (list, dict)):
            table.add_row(name.replace("_", " "), str(value))
    for name, why in run.details.get("not_vacuumed", {}).items():
        table.add_row("not vacuumed", f"{name}: {why}")
    for state in ("unused", "bloated"):
        for index in run.details.get(f"{state}_indexes", []):
            table.add_row(f"{state} index", f"{index['name']}, {decimal(index['bytes'])}")
    if run.error:
        table.add_row("to be confirmed", run.error)
    Console(width=_WIDTH).print(table)


def show_retention(settings: list[Setting]) -> None:
    """How long things are kept, and what is older."""
    table = _table("kept", "days", "older now", "bytes", "removed by")
    for setting in settings:
        by = "not in this edition" if not setting.is_applied else setting.task or "the database itself"
        table.add_row(setting.name, str(setting.days), _count(setting.row_count), _bytes(setting.byte_count), by)
    Console(width=_WIDTH).print(table)


def show_report(report: MaintenanceReport) -> None:
    """All of it but what is no use to people."""
    console = Console(width=_WIDTH)
    totals, forecast = report.totals, report.forecast
    console.print(f"[bold]{report.created_at:%Y-%m-%d %H:%M:%S} UTC[/], {report.edition}")
    console.print(
        f"{totals.users:,} users, {totals.sessions:,} sessions ({totals.active_sessions:,} active,"
        f" {totals.archived_sessions:,} archived), {totals.readings_stored:,} readings stored,"
        f" {totals.readings_archived:,} archived, {totals.sessions_to_store:,} sessions with rollups to store,"
        f" {decimal(totals.database_bytes)}\n"
    )
    console.print(_tables(report.tables), _settings(report), _runs(report.runs), sep="\n")
    for job in report.timescaledb_jobs:
        if job.error is not None:
            console.print(Text(f"TimescaleDB's job {job.name} failed: {job.error}", style="bold red"))
    console.print(
        f"{forecast.readings_per_day:,.0f} readings per day at {forecast.bytes_per_reading:,.0f} bytes each:"
        f" the database without clean-up in 30 days {decimal(forecast.bytes_in_30_days)},"
        f" in 90 {decimal(forecast.bytes_in_90_days)}, in 365 {decimal(forecast.bytes_in_365_days)};"
        f" readings with clean-up {decimal(forecast.settled_bytes)}"
    )


def _tables(states: list[TableState]) -> Table:
    table = _table("table", "rows", "dead", "bytes", "chunks", "vacuumed", "analyzed")
    for state in states:
        times = [f"{at:%Y-%m-%d %H:%M}" if at else "" for at in (state.vacuumed_at, state.analyzed_at)]
        counts = [_count(state.rows), _count(state.dead_rows), decimal(state.bytes), str(state.chunks)]
        table.add_row(state.name, *counts, *times)
    return table


def _settings(report: MaintenanceReport) -> Table:
    table = _table("kept", "days", "older now", "bytes")
    for setting in report.retention:
        table.add_row(setting.name, str(setting.days), _count(setting.rows), _bytes(setting.bytes))
    return table


def _runs(runs: list[RunState]) -> Table:
    table = _table("run", "task", "status", "sessions", "rows", "bytes", "error")
    for run in runs:
        status = f"{run.status} (dry)" if run.is_dry_run else run.status
        freed = [_count(run.sessions), _count(run.rows_freed), decimal(run.bytes_freed)]
        table.add_row(f"{run.started_at:%Y-%m-%d %H:%M}", run.task, status, *freed, run.error or "")
    return table


def _table(*columns: str) -> Table:
    table = Table(*columns, box=None)
    for column in table.columns:
        if column.header in ("days", "rows", "dead", "bytes", "chunks", "sessions", "older now"):
            column.justify = "right"
    return table


def _count(number: int | None) -> str:
    return "" if number is None else f"{number:,}"


def _bytes(number: int | None) -> str:
    return "" if number is None else decimal(number)
