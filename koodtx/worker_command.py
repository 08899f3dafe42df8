"""Worker and scheduler: taskiq's own commands, with the options that app.jobs needs."""

import os
import sys

from koodtx import settings
from koodtx.errors import SettingsError

# One job at a time, none held back while others could run it, and a new process now and then.
WORKER_OPTIONS = ["--max-async-tasks", "1", "--max-prefetch", "0", "--max-tasks-per-child", "1000"]
# Seconds between two looks at the schedules: how late a scheduled run may start.
_SCHEDULER_OPTIONS = ["--update-interval", "5"]


def run_worker(workers: int, lanes: str | None = None) -> int:
    """Becomes `taskiq worker`. SIGTERM lets running jobs end. Raises SettingsError before anything starts.

    `lanes`: which jobs it takes, comma separated, the first one first; None: as KOODTX_WORKER_LANES says.
    """
    if lanes is not None:
        os.environ["KOODTX_WORKER_LANES"] = lanes
    return _become("worker", "koodtx.worker:broker", "--workers", str(workers), *WORKER_OPTIONS)


def run_scheduler() -> int:
    """Becomes `taskiq scheduler`."""
    return _become("scheduler", "koodtx.worker:scheduler", *_SCHEDULER_OPTIONS)


def _become(*arguments: str) -> int:
    checked = settings.load()
    if not checked.redis_url:
        raise SettingsError("KOODTX_REDIS_URL is not set: workers are woken up through it")
    level = ["--log-level", checked.log_level.upper()]
    os.execv(sys.executable, [sys.executable, "-m", "taskiq", *arguments, *level])  # noqa: S606 - no shell is wanted
