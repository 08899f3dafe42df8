"""An analysis server as a process of its own, which behaves as the text of the line says: docs/analysis-server.md.

`python -m tests.takes.analysis_server PORT SECRET`. Signs and verifies with the reference implementation of Standard
Webhooks. GET /requests gives what arrived, and how webhooks were answered.
"""

import base64
import json
import secrets
import sys
import threading
import time
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
from standardwebhooks import Webhook

SCORES = {"pronunciation_score": 84.5, "intonation_score": 71, "emotion_score": 66.5}
FEEDBACK = {"words": [{"word": "seven", "score": 84.5}], "note": "잘했어요"}
# Longer than the service waits.
SLOW_S = 3


class AnalysisServer(ThreadingHTTPServer):
    """Remembers everything by job."""

    daemon_threads = True

    def __init__(self, port: int, secret: str) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.secret = secret
        self.requests: list[dict[str, Any]] = []
        self.webhooks: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.texts: dict[str, str] = {}
        self.submissions: Counter[str] = Counter()
        self.polls: Counter[str] = Counter()
        self.known: set[str] = set()

    def report(
        self, job: dict[str, Any], *, secret: str | None = None, age: timedelta = timedelta(0), **report: Any
    ) -> None:
        body = json.dumps({"job_id": job["job_id"]} | report, ensure_ascii=False)
        message_id, at = f"{job['job_id']}.report", datetime.now(UTC) - age
        headers = {
            "Content-Type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Webhook(secret or self.secret).sign(message_id, at, body),
        }
        answer = httpx.post(job["webhook_url"], content=body.encode(), headers=headers, timeout=20)
        self.webhooks[job["job_id"]].append({"status": answer.status_code, "body": answer.json()})

    def complete(self, job: dict[str, Any], **options: Any) -> None:
        self.report(job, status="completed", result=SCORES | {"detailed_feedback": FEEDBACK}, **options)


class _Handler(BaseHTTPRequestHandler):
    server: AnalysisServer
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        job = json.loads(body)
        self._note("POST", body, job)
        if self.path != "/base/analyses":
            self._answer(202)
            return
        job_id = job["job_id"]
        self.server.texts[job_id] = job["text"]
        self.server.submissions[job_id] += 1
        behave = getattr(self, f"_{job['text'].replace(' ', '_')}", self._good)
        behave(job, self.server.submissions[job_id])

    def do_GET(self) -> None:
        if self.path == "/requests":
            self._answer(200, json.dumps({"requests": self.server.requests, "webhooks": self.server.webhooks}).encode())
            return
        self._note("GET", b"", None)
        job_id = self.path.rpartition("/")[2]
        self.server.polls[job_id] += 1
        behave = getattr(self, f"_poll_{self.server.texts[job_id].replace(' ', '_')}", None)
        if behave is None:
            self._answer(404)
        else:
            behave(job_id, self.server.polls[job_id])

    # Behaviours, by the text of the line.

    def _good(self, job: dict[str, Any], _: int) -> None:
        self._answer(202)
        self._later(lambda: self.server.complete(job))

    def _slow(self, job: dict[str, Any], submission: int) -> None:
        """The first answer comes too late, though the take is analysed; the second says that it is known."""
        if submission > 1:
            self._answer(409)
            self._later(lambda: self.server.complete(job))
            return
        time.sleep(SLOW_S)
        self._answer(202)

    def _errors(self, job: dict[str, Any], submission: int) -> None:
        if submission <= 2:
            self._answer(500)
        else:
            self._good(job, submission)

    def _broken(self, job: dict[str, Any], submission: int) -> None:
        """Closes the connection."""
        self.close_connection = True

    def _busy(self, job: dict[str, Any], submission: int) -> None:
        if submission == 1:
            self._answer(429, headers={"Retry-After": "4"})
        else:
            self._good(job, submission)

    def _twice(self, job: dict[str, Any], _: int) -> None:
        self._answer(202)

        def report() -> None:
            self.server.complete(job)
            self.server.complete(job)
            self.server.report(job, status="failed", error="too late")
            self.server.report(job, status="processing", progress=50)

        self._later(report)

    def _forged(self, job: dict[str, Any], _: int) -> None:
        self._answer(202)
        other = f"whsec_{base64.b64encode(secrets.token_bytes(24)).decode()}"
        self._later(lambda: self.server.complete(job, secret=other))

    def _replayed(self, job: dict[str, Any], _: int) -> None:
        self._answer(202)
        self._later(lambda: self.server.complete(job, age=timedelta(minutes=6)))

    def _silent(self, job: dict[str, Any], _: int) -> None:
        self._answer(202)

    def _early(self, job: dict[str, Any], _: int) -> None:
        self.server.complete(job)
        self._answer(202)

    def _refused(self, job: dict[str, Any], _: int) -> None:
        self._answer(422, b'{"detail": "this language is not supported"}')

    def _redirected(self, job: dict[str, Any], _: int) -> None:
        self._answer(307, headers={"Location": f"http://{self.headers['Host']}/elsewhere"})

    def _unhappy(self, job: dict[str, Any], _: int) -> None:
        self._answer(201)
        self._later(lambda: self.server.report(job, status="failed", error="the recording is silent"))

    def _steps(self, job: dict[str, Any], _: int) -> None:
        self._answer(202)

        def report() -> None:
            for progress in (10, 60, 30):
                self.server.report(job, status="processing", progress=progress)
                time.sleep(0.6)
            self.server.complete(job)

        self._later(report)

    def _polled(self, job: dict[str, Any], _: int) -> None:
        """Never sends a webhook."""
        self._answer(200)

    def _poll_polled(self, job_id: str, poll: int) -> None:
        if poll == 1:
            self._answer(200, json.dumps({"job_id": job_id, "status": "processing", "progress": 40}).encode())
        else:
            result = SCORES | {"overall_score": 12.5}
            self._answer(200, json.dumps({"job_id": job_id, "status": "completed", "result": result}).encode())

    def _garbage(self, job: dict[str, Any], _: int) -> None:
        self._answer(202, b"\xff{{{ not JSON")

    def _poll_garbage(self, job_id: str, poll: int) -> None:
        other = job_id[:-4] + "0000"
        bodies = [
            b"\xff{{{ not JSON", b"[" * 100_000, json.dumps({"job_id": other, "status": "failed"}).encode(),
            json.dumps({"job_id": job_id, "status": "completed"}).encode(), b" " * 300_000,
        ]  # fmt: skip
        self._answer(200, bodies[(poll - 1) % len(bodies)])

    def _later(self, report: Any) -> None:
        def run() -> None:
            # As a rule, after the service has read the answer.
            time.sleep(0.3)
            report()

        threading.Thread(target=run, daemon=True).start()

    def _answer(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        try:
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except ConnectionError:
            # The service did not wait.
            pass

    def _note(self, method: str, body: bytes, job: Any) -> None:
        # Raises for a signature that is not valid: the test finds no request, then.
        Webhook(self.server.secret).verify(body, dict(self.headers.items()), json_parse=False)
        found = {}
        if job is not None and self.path == "/base/analyses":
            found = {name: _download(job[f"{name}_audio_url"]) for name in ("take", "reference")}
        self.server.requests.append(
            {
                "method": method,
                "path": self.path,
                "id": self.headers["webhook-id"],
                "at": time.time(),
                "job": job,
                "files": found,
            }
        )

    def log_message(self, *_: Any) -> None:
        """Nothing: tests look at what was noted."""


def _download(url: str) -> dict[str, Any]:
    answer = httpx.get(url, timeout=20)
    return {"status": answer.status_code, "type": answer.headers["content-type"], "bytes": len(answer.content)}


if __name__ == "__main__":
    AnalysisServer(int(sys.argv[1]), sys.argv[2]).serve_forever()
