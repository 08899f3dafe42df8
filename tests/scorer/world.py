"""What surrounds a scorer: a server of audio files that also receives webhooks, and the scorer's process."""

import http.server
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from koodtx.processes.addresses import free_port
from koodtx.webhooks.signature import read_secret, signed_headers
from tests.scorer.sounds import SPEECH
from tests.support.waiting import wait_until

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OLD_SECRET = "whsec_b2xkIHNlY3JldCBvbGQgc2VjcmV0IG9sZA=="
# The first start of an installation compiles.
_START_S = 180
_TOO_LARGE = 53_000_000


class Webhook(NamedTuple):
    headers: dict[str, str]
    body: bytes

    @property
    def report(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


class World:
    """`GET /files/...`: files of tests/data/speech_wav; `/large`, `/moved`, `/slow`. `POST`: webhooks."""

    def __init__(self) -> None:
        self.webhooks: list[Webhook] = []
        # Statuses of the next answers to webhooks; then 200.
        self.answers: list[int] = []
        self.released = threading.Event()
        world = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                world._get(self)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                world.webhooks.append(Webhook(headers, body))
                _answer(self, world.answers.pop(0) if world.answers else 200)

            def log_message(self, *_: object) -> None:
                return

        class Server(http.server.ThreadingHTTPServer):
            request_queue_size = 128

            def handle_error(self, *_: object) -> None:
                """A client that closed its connection."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def _get(self, handler: http.server.BaseHTTPRequestHandler) -> None:
        path = SPEECH / handler.path.removeprefix("/files/")
        if handler.path == "/large":
            _answer(handler, 200, bytes(_TOO_LARGE))
        elif handler.path == "/moved":
            handler.send_response(302)
            handler.send_header("Location", f"{self.url}/files/fsdd/3_theo_0.wav")
            handler.end_headers()
        elif handler.path == "/slow":
            self.released.wait(60)
            _answer(handler, 404)
        elif path.is_file():
            _answer(handler, 200, path.read_bytes())
        else:
            _answer(handler, 404)

    def of(self, job_id: str) -> list[Webhook]:
        return [webhook for webhook in list(self.webhooks) if webhook.report["job_id"] == job_id]

    def last(self, job_id: str, limit_s: float = 60) -> dict[str, Any]:
        """The report that ends a job."""

        def ends() -> list[dict[str, Any]]:
            return [webhook.report for webhook in self.of(job_id) if webhook.report["status"] != "processing"]

        wait_until(ends, limit_s, f"the end of {job_id}")
        return ends()[-1]


def _answer(handler: http.server.BaseHTTPRequestHandler, status: int, body: bytes = b"") -> None:
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


@contextmanager
def running_world() -> Iterator[World]:
    world = World()
    thread = threading.Thread(target=world.server.serve_forever, daemon=True)
    thread.start()
    try:
        yield world
    finally:
        world.released.set()
        world.server.shutdown()
        world.server.server_close()
        thread.join()


class Api:
    """Speaks to a scorer as the API does."""

    def __init__(self, http: httpx.Client, world: World, pid: int) -> None:
        self.http = http
        self.world = world
        self.pid = pid

    def request(self, job_id: str, take: str = "/files/fsdd/3_theo_0.wav", **changes: Any) -> dict[str, Any]:
        return {
            "job_id": job_id,
            "text": "three",
            "language": "en",
            "reference_audio_url": f"{self.world.url}/files/fsdd/3_theo_0.wav",
            "take_audio_url": f"{self.world.url}{take}",
            "urls_expire_at": "2030-01-01T00:00:00Z",
            "webhook_url": f"{self.world.url}/api/tokens/webhook/analysis-complete",
        } | changes

    def submit(self, job_id: str, take: str = "/files/fsdd/3_theo_0.wav", **changes: Any) -> httpx.Response:
        return self.send(json.dumps(self.request(job_id, take, **changes)).encode(), f"{job_id}.1")

    def send(self, body: bytes, message_id: str = "a.1", secret: str = SECRET, **given: Any) -> httpx.Response:
        headers = signed_headers(read_secret(secret), message_id, body, **given)
        return self.http.post("/analyses", content=body, headers=headers)

    def poll(self, job_id: str) -> httpx.Response:
        headers = signed_headers(read_secret(SECRET), f"{job_id}.poll", b"")
        return self.http.get(f"/analyses/{job_id}", headers=headers)


def scorer_command(*words: str) -> list[str]:
    return [sys.executable, "-m", "koodtx", "scorer", *words]


def scorer_environment(folder: Path) -> dict[str, str]:
    """Both secrets are valid. Temporary files are in `folder`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KOODTX_")}
    return kept | {"KOODTX_ANALYSIS_SERVER_SECRET": f"{SECRET},{OLD_SECRET}", "TMPDIR": str(folder)}


@contextmanager
def running_scorer(world: World, folder: Path, *words: str) -> Iterator[Api]:
    """A scorer whose port answers; not yet warm."""
    port = free_port()
    command = scorer_command("--port", str(port), "--public", world.url, *words)
    with (folder / "scorer.log").open("ab") as log:
        process = subprocess.Popen(command, env=scorer_environment(folder), stdout=log, stderr=log)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as http:
            api = Api(http, world, process.pid)
            if "--lazy" not in words:
                wait_until(lambda: status_of(api, "/ready") == 200, _START_S, "the warm-up")
            yield api
    finally:
        process.terminate()
        process.wait(30)


def status_of(api: Api, path: str) -> int:
    """0: no answer."""
    try:
        return api.http.get(path).status_code
    except httpx.TransportError:
        return 0
