"""Analyses that were requested: queue, progress, results. All in memory: a restart loses those that have not ended."""

import asyncio
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import structlog

from koodtx.errors import NotFound, TooMany, invalid_field
from koodtx.scorer.deliver import Webhooks
from koodtx.scorer.download import download
from koodtx.scorer.errors import AnalysisFailed
from koodtx.scorer.messages import AnalysisRequest, Report, Result
from koodtx.scorer.scoring import Scoring

MAX_WAITING = 100
_RETRY_AFTER_S = 10
# How many download at the same time; one of them is scored.
_RUNNERS = 4
# A result can be polled for so long.
_KEPT_S = 3_600
_KEPT = 10_000
_DOWNLOADED = 40
_STARTED = 5

_log = structlog.get_logger("koodtx.scorer")


class _Analysis:
    """One that was requested. `ended_at`: of the monotonic clock. `delivery`: the last report on its way to the API."""

    def __init__(self, request: AnalysisRequest) -> None:
        self.request = request
        self.report = Report(request.job_id, "processing", progress=0)
        self.ended_at: float | None = None
        self.delivery: asyncio.Task[bool] | None = None

    @property
    def is_on_its_way(self) -> bool:
        return self.delivery is not None and not self.delivery.done()


class Analyses:
    """Those of this process."""

    def __init__(
        self, http: httpx.AsyncClient, scoring: Scoring, webhooks: Webhooks, public_urls: Sequence[str] = ()
    ) -> None:
        """`public_urls`: whose origins may be called; none: all."""
        self._http = http
        self._scoring = scoring
        self._webhooks = webhooks
        self._origins = {_origin(url) for url in public_urls}
        self._known: dict[str, _Analysis] = {}
        self._queue: asyncio.Queue[_Analysis] = asyncio.Queue(MAX_WAITING)

    def submit(self, request: AnalysisRequest) -> Report:
        """Accepts an analysis. One that is known is not run again; its result, if it has ended, is sent again.

        Raises Invalid if a URL may not be called, TooMany.
        """
        self._check_urls(request)
        known = self._known.get(request.job_id)
        if known is not None:
            if known.ended_at is not None and not known.is_on_its_way:
                self._deliver(known)
            return known.report
        self._forget_old()
        analysis = _Analysis(request)
        try:
            self._queue.put_nowait(analysis)
        except asyncio.QueueFull as error:
            raise TooMany(retry_after_s=_RETRY_AFTER_S) from error
        self._known[request.job_id] = analysis
        return analysis.report

    def report(self, job_id: str) -> Report:
        """Raises NotFound."""
        known = self._known.get(job_id)
        if known is None:
            raise NotFound("this analysis is not known here")
        return known.report

    async def run(self) -> None:
        """Runs analyses until it is cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(_RUNNERS):
                    group.create_task(self._run_each())
        finally:
            deliveries = [known.delivery for known in self._known.values() if known.delivery is not None]
            for delivery in deliveries:
                delivery.cancel()
            await asyncio.gather(*deliveries, return_exceptions=True)

    async def _run_each(self) -> None:
        while True:
            analysis = await self._queue.get()
            job_id = analysis.request.job_id
            try:
                result = await self._analyse(analysis)
            except AnalysisFailed as error:
                _log.info("analysis failed", job_id=job_id, reason=error.detail)
                analysis.report = Report(job_id, "failed", error=error.detail)
            except Exception:
                _log.exception("unhandled error", job_id=job_id)
                analysis.report = Report(job_id, "failed", error="the analysis server failed")
            else:
                analysis.report = Report(job_id, "completed", result=result)
            analysis.ended_at = time.monotonic()
            self._deliver(analysis)

    async def _analyse(self, analysis: _Analysis) -> Result:
        request = analysis.request
        await self._report_progress(analysis, _STARTED)
        with tempfile.TemporaryDirectory(prefix="koodtx-scorer-") as folder:
            reference, take = Path(folder, "reference"), Path(folder, "take")
            # One after the other: the first error is the one that is reported.
            await download(self._http, request.reference_audio_url, reference, "the reference")
            await download(self._http, request.take_audio_url, take, "the take")
            await self._report_progress(analysis, _DOWNLOADED)
            return await self._scoring.score(reference, take)

    async def _report_progress(self, analysis: _Analysis, progress: int) -> None:
        analysis.report = Report(analysis.request.job_id, "processing", progress=progress)
        await self._webhooks.send(analysis.request.webhook_url, analysis.report, attempts=1)

    def _deliver(self, analysis: _Analysis) -> None:
        sending = self._webhooks.send(analysis.request.webhook_url, analysis.report)
        analysis.delivery = asyncio.create_task(sending)

    def _check_urls(self, request: AnalysisRequest) -> None:
        for field in ("reference_audio_url", "take_audio_url", "webhook_url"):
            origin = _origin(getattr(request, field))
            if origin is None:
                raise invalid_field(field, "must be an http or https URL")
            if self._origins and origin not in self._origins:
                raise invalid_field(field, "is not below an address that this server was started with (--public)")

    def _forget_old(self) -> None:
        """The oldest first: a dictionary keeps the order of its insertions."""
        now = time.monotonic()
        ended = [one for one in self._known.values() if one.ended_at is not None and not one.is_on_its_way]
        surplus = len(self._known) - _KEPT
        for number, one in enumerate(ended):
            if now - (one.ended_at or now) > _KEPT_S or number < surplus:
                del self._known[one.request.job_id]


def _origin(url: str) -> tuple[str, str, int] | None:
    """Scheme, host and port of an http or https URL."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return None
    return (parts.scheme, parts.hostname, port) if port and parts.hostname else None
