"""Requests to the analysis server: docs/analysis-server.md is the contract."""

import asyncio
import ssl
from functools import lru_cache
from http import HTTPStatus
from uuid import UUID, uuid4

import httpx
import msgspec

from koodtx.http_client import make_client, read_body
from koodtx.retry_after import retry_after_s
from koodtx.settings import Settings
from koodtx.takes.errors import AnalysisRefused, AnalysisServerBusy
from koodtx.takes.messages import REPORT_BYTES, AnalysisReport, TakeSubmission
from koodtx.webhooks.signature import signed_headers

# Conflict: the server knows the take already, from a request whose answer was lost.
_ACCEPTED = {HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.ACCEPTED, HTTPStatus.CONFLICT}
_BUSY = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
_NO_POLLING = {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED}
_FIRST_ERROR = 500


class AnalysisServer:
    """Speaks to the server of these settings. Every method raises AnalysisServerBusy if it may be called again."""

    def __init__(self, settings: Settings) -> None:
        self._url = settings.analysis_server_url.rstrip("/") + "/analyses"
        self._secret = settings.analysis_secrets[0]
        self._timeout_s = settings.analysis_request_timeout_s

    async def submit(self, request: TakeSubmission, submission: int) -> None:
        """Sends a take. `submission`: how often it has been sent. Raises AnalysisRefused."""
        body = msgspec.json.encode(request)
        headers = signed_headers(self._secret, f"{request.job_id}.{submission}", body)
        status, _ = await self._ask("POST", self._url, body, headers | {"Content-Type": "application/json"})
        if status not in _ACCEPTED:
            raise AnalysisRefused(f"the analysis server refused the take: it answered {status}")

    async def poll(self, job_id: UUID) -> AnalysisReport | None:
        """Returns what the server has found so far; None: it does not offer polling."""
        headers = signed_headers(self._secret, f"{job_id}.{uuid4().hex}", b"")
        status, body = await self._ask("GET", f"{self._url}/{job_id}", b"", headers)
        if status in _NO_POLLING:
            return None
        if status != HTTPStatus.OK:
            raise AnalysisServerBusy(f"the analysis server answered {status}", is_answered=True)
        try:
            report = msgspec.json.decode(body, type=AnalysisReport)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise AnalysisServerBusy("the analysis server's answer is not a report", is_answered=True) from error
        if report.job_id != job_id:
            raise AnalysisServerBusy("the analysis server answered about another take", is_answered=True)
        return report

    async def _ask(self, method: str, url: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        """Returns the status, and of an answer 200 to a poll the body."""
        try:
            async with (
                asyncio.timeout(self._timeout_s),
                make_client(verify=_certificates()) as client,
                client.stream(method, url, content=body, headers=headers) as answer,
            ):
                status = answer.status_code
                is_poll = method == "GET"
                if (status >= _FIRST_ERROR and not (is_poll and status in _NO_POLLING)) or status in _BUSY:
                    wait_s = retry_after_s(answer.headers.get("Retry-After", ""))
                    raise AnalysisServerBusy(f"the analysis server answered {status}", wait_s=wait_s)
                return status, await _read(answer) if is_poll and status == HTTPStatus.OK else b""
        except TimeoutError as error:
            raise AnalysisServerBusy(f"the analysis server did not answer within {self._timeout_s:g} s") from error
        except httpx.RequestError as error:
            raise AnalysisServerBusy("the analysis server is not reachable, or the connection broke") from error


async def _read(answer: httpx.Response) -> bytes:
    body = await read_body(answer, REPORT_BYTES)
    if body is None:
        raise AnalysisServerBusy(f"the analysis server's answer has more than {REPORT_BYTES} bytes", is_answered=True)
    return body


@lru_cache(maxsize=1)
def _certificates() -> ssl.SSLContext:
    """Read once: that takes longer than a request."""
    return httpx.create_ssl_context()
