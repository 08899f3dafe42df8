"""`koodtx serve`: the API under granian, which disconnects slow clients and replaces dead workers."""

import gc
import os
import tempfile

import rich_click as click
from granian import Granian
from granian.constants import Interfaces, Loops
from granian.http import HTTP1Settings
from granian.log import LogLevels
from litestar import Litestar

from koodtx import settings
from koodtx.command_line import address_options, data_dir_option
from koodtx.processes.allocator import return_freed_memory
from koodtx.processes.parent_death import end_with_parent
from koodtx.web.listeners import EndUnreadConnections

_HEADERS_WITHIN_MS = 15_000


@click.command
@address_options("0.0.0.0")  # noqa: S104 - a service is reached from outside
@data_dir_option
def serve(host: str, port: int, workers: int) -> None:
    """The API."""
    run_server(host, port, workers)


def run_server(host: str, port: int, workers: int) -> None:
    """Serves until SIGTERM or Ctrl-C. Raises SettingsError before anything starts."""
    checked = settings.load()
    with tempfile.TemporaryDirectory(prefix="koodtx-metrics-") as folder:
        # The measurements of the worker processes, which /metrics adds up.
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


def worker_app() -> Litestar:
    """The app of one worker process, which must not outlive a killed parent: it would keep the port."""
    end_with_parent()
    return_freed_memory()
    # Imported when the folder of the metrics is set: prometheus_client looks for it once, at its import.
    from koodtx.app import create_app

    app = create_app()
    app.asgi_handler = EndUnreadConnections(app.asgi_handler)
    # What was imported stays: else a push of a million values has it traversed each time, and everybody waits.
    gc.collect()
    gc.freeze()
    return app
