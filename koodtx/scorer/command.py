"""`koodtx scorer`"""

import os

import rich_click as click

from koodtx.processes.addresses import is_port_free
from koodtx.processes.errors import ProcessFailed
from koodtx.scorer import settings
from koodtx.scorer.extra import require_extra
from koodtx.scorer.standby import wait_for_request

DEFAULT_PORT = 8090
_HEADERS_WITHIN_MS = 15_000


@click.command
@click.option("--host", default="127.0.0.1", help="Address to listen on (default: 127.0.0.1).")
@click.option("--port", type=int, default=DEFAULT_PORT, help=f"default: {DEFAULT_PORT}")
@click.option(
    "--public",
    multiple=True,
    help="URL of the API (KOODTX_PUBLIC_URL), or of the S3 server that holds its files: no other address is called."
    " May be repeated; without it, every address that a signed request names is called.",
)
@click.option(
    "--lazy",
    is_flag=True,
    help="Start at the first request, which is answered 503; unload librosa after five minutes without an analysis.",
)
def scorer(host: str, port: int, public: tuple[str, ...], lazy: bool) -> None:
    """The analysis server for trials: scores takes against their reference audio."""
    require_extra()
    if public:
        os.environ["KOODTX_SCORER_PUBLIC_URLS"] = ",".join(public)
    os.environ["KOODTX_SCORER_IS_LAZY"] = str(lazy).lower()
    checked = settings.load()
    if not is_port_free(host, port):
        raise ProcessFailed(f"Port {port} on {host} is taken: stop what listens there, or use --port.")
    if lazy:
        wait_for_request(host, port)
    _serve(host, port, checked.log_level)


def _serve(host: str, port: int, log_level: str) -> None:
    """One worker process: analyses are in its memory."""
    from granian import Granian
    from granian.constants import Interfaces, Loops
    from granian.http import HTTP1Settings
    from granian.log import LogLevels

    Granian(
        "koodtx.scorer.app:worker_app",
        factory=True,
        interface=Interfaces.ASGI,
        address=host,
        port=port,
        workers=1,
        loop=Loops.uvloop,
        http1_settings=HTTP1Settings(header_read_timeout=_HEADERS_WITHIN_MS),
        respawn_failed_workers=True,
        log_level=LogLevels(log_level),
    ).serve()
