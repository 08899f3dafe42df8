"""`koodtx jobs start | list | show | retry | cancel`"""

import asyncio
from uuid import UUID

import rich_click as click
from redis.asyncio import Redis
from rich.console import Console
from rich.table import Table

from koodtx.command_line import data_dir_option, load_settings
from koodtx.database.command_connection import run_once
from koodtx.errors import NotFound
from koodtx.jobs import notify, store
from koodtx.jobs.arguments import argument_of, run_at_of
from koodtx.jobs.messages import Job
from koodtx.jobs.task import find_task
from koodtx.settings import Settings

_STATUSES = ("queued", "running", "completed", "failed", "cancelled")
_COLUMNS = ("job", "task", "lane", "status", "progress", "attempt", "created", "seconds", "message")


@click.group
@data_dir_option
def jobs() -> None:
    """Starts, lists, shows, retries and cancels jobs."""


@jobs.command
@data_dir_option
@click.argument("task")
@click.argument("arguments", nargs=-1, metavar="[NAME=VALUE]...")
@click.option("--at", "run_at", metavar="TIME", help="Not before: ISO 8601 with a time zone.")
@click.option("--in", "delay_s", type=float, metavar="SECONDS", help="Not before so many seconds from now.")
def start(task: str, arguments: tuple[str, ...], run_at: str | None, delay_s: float | None) -> None:
    """Queues a job: koodtx jobs start detect_anomalies recording_id=1 mode=robust. A value is JSON, or plain text."""
    if run_at is not None and delay_s is not None:
        raise click.UsageError("--in is not allowed with --at")
    start_job(load_settings(), task, list(arguments), run_at, delay_s)


@jobs.command("list")
@data_dir_option
@click.option("--status", type=click.Choice(_STATUSES))
@click.option("--limit", type=int, default=50, help="default: 50")
def list_newest(status: str | None, limit: int) -> None:
    """Lists the newest jobs."""
    show_jobs(load_settings(), status, limit)


@jobs.command
@data_dir_option
@click.argument("job_id", type=click.UUID)
def show(job_id: UUID) -> None:
    """Shows all of one job."""
    show_job(load_settings(), job_id)


@jobs.command
@data_dir_option
@click.argument("job_id", type=click.UUID)
def retry(job_id: UUID) -> None:
    """Queues a job again that failed or was cancelled."""
    retry_job(load_settings(), job_id)


@jobs.command
@data_dir_option
@click.argument("job_id", type=click.UUID)
def cancel(job_id: UUID) -> None:
    """Cancels a job."""
    cancel_job(load_settings(), job_id)


def start_job(settings: Settings, name: str, arguments: list[str], run_at: str | None, delay_s: float | None) -> None:
    """Queues a job of a registered task; prints its id. Raises NotFound, Invalid."""
    task = find_task(name)
    when = run_at_of({"run_at": run_at, "delay": delay_s})
    checked = task.checked(dict(argument_of(text) for text in arguments))
    job_id = run_once(settings.database_url, lambda connection: task.enqueue(connection, checked, run_at=when))
    if settings.redis_url:
        asyncio.run(_wake_worker(settings.redis_url, task.lane))
    print(job_id)


def show_jobs(settings: Settings, status: str | None, limit: int) -> None:
    """A table of the newest jobs."""
    jobs = run_once(settings.database_url, lambda connection: store.list_jobs(connection, status=status, limit=limit))
    table = Table(*_COLUMNS, box=None)
    for job in jobs:
        table.add_row(*_row(job))
    # Wide enough for all columns: piped into a file or grep, nothing may be cut off.
    Console(width=200).print(table)


def show_job(settings: Settings, job_id: UUID) -> None:
    """Everything about one job."""
    job = run_once(settings.database_url, lambda connection: store.get_job(connection, job_id))
    if job is None:
        raise NotFound("there is no such job")
    for name in Job.__struct_fields__:
        print(f"{name:18} {getattr(job, name)}")


def cancel_job(settings: Settings, job_id: UUID) -> None:
    """Cancels a job that has not ended. Raises NotFound."""
    _changed(settings, run_once(settings.database_url, lambda connection: store.cancel_job(connection, job_id)))


def retry_job(settings: Settings, job_id: UUID) -> None:
    """Queues a job again that failed or was cancelled. Raises NotFound."""
    _changed(settings, run_once(settings.database_url, lambda connection: store.retry_job(connection, job_id)))


def _changed(settings: Settings, job: Job | None) -> None:
    if job is None:
        raise NotFound("no such job, or its state does not allow this")
    asyncio.run(_publish(settings, job))
    print(f"{job.id} is {job.status}")


async def _publish(settings: Settings, job: Job) -> None:
    if settings.redis_url:
        async with Redis.from_url(settings.redis_url, socket_timeout=1, socket_connect_timeout=1) as redis:
            await notify.publish_state(redis, job)
        await _wake_worker(settings.redis_url, job.lane)


async def _wake_worker(redis_url: str, lane: str) -> None:
    async with Redis.from_url(redis_url, socket_timeout=1, socket_connect_timeout=1) as redis:
        await notify.wake_worker(redis, lane)


def _row(job: Job) -> tuple[str, ...]:
    seconds = "" if job.processing_time_s is None else f"{job.processing_time_s:.1f}"
    created = job.created_at.strftime("%Y-%m-%d %H:%M:%S")
    message = (job.error or job.message or "")[:60]
    progress = f"{job.progress} %"
    return (str(job.id), job.task, job.lane, job.status, progress, str(job.attempt), created, seconds, message)
