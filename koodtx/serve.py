"""The API under granian, which drops slow clients and replaces dead workers."""

import os
import tempfile

from granian import Granian
from granian.constants import Interfaces, Loops
from granian.http import HTTP1Settings
from granian.log import LogLevels
from litestar import Litestar

from koodtx import settings
from koodtx.app import create_app
from koodtx.processes.parent_death import end_with_parent

_HEADERS_WITHIN_MS = 15_000


def run_server(host: str, port: int, workers: int) -> int:
    """Serves until SIGTERM or Ctrl-C. Raises SettingsError before anything starts."""
    checked = settings.load()
    with tempfile.TemporaryDirectory(prefix="koodtx-metrics-") as folder:
        # The workers' measurements, added up by /metrics.
        os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", folder)
        Granian(
            "koodtx.serve:worker_app",
            factory=True,
            interface=Interfaces.ASGI,
            address=host,
            port=port,
            workers=workers,
            loop=Loops.uvloop,
            http1_settings=HTTP1Settings(header_read_timeout=_HEADERS_WITHIN_MS),
            respawn_failed_workers=True,
            log_level=LogLevels(checked.log_level),
        ).serve()
    return 0


def worker_app() -> Litestar:
    """The app of one worker process, which must not outlive a killed parent: it would keep the port."""
    end_with_parent()
    return create_app()
