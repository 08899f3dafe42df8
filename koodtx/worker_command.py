"""`koodtx worker`, `koodtx scheduler`: taskiq's own commands, with the options that app.jobs needs."""

import os
import sys

import rich_click as click

from koodtx import settings
from koodtx.command_line import data_dir_option
from koodtx.errors import SettingsError

# One job at a time, none held back while others could run it, and a new process now and then.
WORKER_OPTIONS = [
    "--max-async-tasks", "1", "--max-prefetch", "0", "--max-tasks-per-child", "1000",
    # Or else each attempt that makes way or waits is in the log with two tracebacks.
    "--no-propagate-errors",
]  # fmt: skip
# Seconds between two looks at the schedules: how late a scheduled run may start.
_SCHEDULER_OPTIONS = ["--update-interval", "5"]


@click.command
@click.option("--workers", type=int, default=2, help="Processes (default: 2).")
@click.option("--lanes", help="Which jobs to take, the first ones first (default: KOODTX_WORKER_LANES).")
@data_dir_option
def worker(workers: int, lanes: str | None) -> None:
    """Runs jobs (taskiq worker koodtx.worker:broker). SIGTERM lets running jobs end."""
    if lanes is not None:
        os.environ["KOODTX_WORKER_LANES"] = lanes
    _become("worker", "koodtx.worker:broker", "--workers", str(workers), *WORKER_OPTIONS)


@click.command
@data_dir_option
def scheduler() -> None:
    """Starts jobs at their scheduled times (taskiq scheduler koodtx.worker:scheduler)."""
    _become("scheduler", "koodtx.worker:scheduler", *_SCHEDULER_OPTIONS)


def _become(*arguments: str) -> None:
    """Raises SettingsError before anything starts."""
    checked = settings.load()
    if not checked.redis_url:
        raise SettingsError("KOODTX_REDIS_URL is not set; workers use Redis for wake-ups")
    level = ["--log-level", checked.log_level.upper()]
    os.execv(sys.executable, [sys.executable, "-m", "taskiq", *arguments, *level])  # noqa: S606 - no shell is wanted
