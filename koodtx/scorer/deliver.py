"""Signed webhooks to the API: sent again until they are accepted."""

import asyncio
import random

import httpx
import msgspec
import structlog

from koodtx.retry_after import retry_after_s
from koodtx.scorer.messages import Report
from koodtx.webhooks.signature import signed_headers

# Pauses double up to the longest: 14 attempts take about 10 minutes. After KOODTX_ANALYSIS_TIMEOUT_S, 15 minutes, the
# API has no use for the result.
ATTEMPTS = 14
_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 90.0
_ATTEMPT_LIMIT_S = 10
_AGAIN = frozenset({408, 425, 429})

_log = structlog.get_logger("koodtx.scorer")


class _NotAccepted(Exception):
    """`may_retry`: another attempt may succeed, not before `wait_s`."""

    def __init__(self, reason: str, *, may_retry: bool, wait_s: float = 0.0) -> None:
        super().__init__(reason)
        self.may_retry = may_retry
        self.wait_s = wait_s


class Webhooks:
    """Sends reports."""

    def __init__(self, http: httpx.AsyncClient, secret: bytes) -> None:
        self._http = http
        self._secret = secret

    async def send(self, url: str, report: Report, attempts: int = ATTEMPTS) -> bool:
        """Returns whether it was accepted. All attempts have the same id and body; each is signed with its own time."""
        for attempt in range(attempts):
            try:
                await self._attempt(url, report)
            except _NotAccepted as error:
                _log.info("webhook not accepted", job_id=report.job_id, status=report.status, reason=str(error))
                if not error.may_retry or attempt == attempts - 1:
                    return False
                pause_s = min(_FIRST_PAUSE_S * 2**attempt, _LONGEST_PAUSE_S) * random.uniform(0.5, 1)  # noqa: S311
                await asyncio.sleep(max(error.wait_s, pause_s))
            else:
                return True
        return False

    async def _attempt(self, url: str, report: Report) -> None:
        """Raises _NotAccepted."""
        body = msgspec.json.encode(report)
        headers = signed_headers(self._secret, _message_id(report), body) | {"Content-Type": "application/json"}
        try:
            async with (
                asyncio.timeout(_ATTEMPT_LIMIT_S),
                self._http.stream("POST", url, content=body, headers=headers) as answer,
            ):
                status = answer.status_code
                wait_s = min(_LONGEST_PAUSE_S, retry_after_s(answer.headers.get("Retry-After", "")) or 0)
        except (TimeoutError, httpx.HTTPError, httpx.InvalidURL) as error:
            raise _NotAccepted(type(error).__name__, may_retry=True) from error
        if not 200 <= status < 300:
            may_retry = status >= 500 or status in _AGAIN
            raise _NotAccepted(f"answered {status}", may_retry=may_retry, wait_s=wait_s)


def _message_id(report: Report) -> str:
    """One for each report of a job, so that the receiver knows a repeated one."""
    return ".".join(str(part) for part in (report.job_id, report.status, report.progress) if part)
