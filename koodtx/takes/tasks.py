"""The task that has a take analysed. It waits without a worker; the webhook, a poll or the time limit ends it."""

import random
import time
from datetime import datetime, timedelta
from typing import NoReturn

from msgspec import Struct

from koodtx.errors import Invalid, NotFound
from koodtx.jobs.attempt import Attempt, AttemptLost, Deferred, Limits
from koodtx.jobs.messages import Job
from koodtx.jobs.task import Task, register
from koodtx.storage.errors import StorageUnavailable
from koodtx.storage.links import make_link
from koodtx.storage.objects import Objects
from koodtx.takes import store
from koodtx.takes.analysis_server import AnalysisServer
from koodtx.takes.end import end_take
from koodtx.takes.errors import AnalysisRefused, AnalysisServerBusy, AnalysisServerMissing, TakeEnded
from koodtx.takes.messages import AnalysisReport, TakeScores, TakeSubmission
from koodtx.takes.receive import WORKING, receive
from koodtx.webhooks import send

# One request to the analysis server; KOODTX_ANALYSIS_REQUEST_TIMEOUT_S is less.
_LIMITS = Limits(soft_s=290, hard_s=300)

_MAX_RETRY_S = 300
# Of links to the audio, however little time the take has left.
_LEAST_LIFETIME = timedelta(seconds=60)
_MAX_POLL_S = 60
# 2 ** 16 times any pause is above the maximum.
_MAX_DOUBLINGS = 16

_WEBHOOK = "/api/tokens/webhook/analysis-complete"

_WAITING = "Waiting for the analysis server"


class NoArguments(Struct, frozen=True):
    """The take has the job's id."""


class _Analysis:
    """One attempt: it sends the take, or asks for its result. It ends by Deferred, or by AttemptLost."""

    def __init__(self, attempt: Attempt, take: store.TakeToAnalyse) -> None:
        self._attempt = attempt
        self._take = take
        self._started = time.monotonic()
        self._settings = attempt.settings
        self._server = AnalysisServer(attempt.settings)

    async def run(self) -> NoReturn:
        if self._now() >= self._take.give_up_at:
            await self._give_up()
        async with self._attempt.pool.connection() as connection:
            look_again_at = await store.admit_call(connection, self._settings.analysis_pause_s)
        if look_again_at is not None:
            wait_s = max(0.0, (look_again_at - self._now()).total_seconds())
            self._defer(wait_s + random.uniform(0, self._settings.analysis_retry_s), _WAITING)  # noqa: S311
        if self._take.submitted_at is None:
            await self._submit()
        await self._poll(self._take.submitted_at)

    async def _submit(self) -> NoReturn:
        request = await self._request()
        async with self._attempt.pool.connection() as connection:
            submission = await store.count_submission(connection, self._attempt.job_id)
        if submission is None:
            raise AttemptLost
        try:
            await self._server.submit(request, submission)
        except AnalysisServerBusy as error:
            await self._note_call(is_answered=False)
            self._defer(self._retry_s(submission, error.wait_s), _WAITING)
        except AnalysisRefused as error:
            await self._note_call(is_answered=True)
            await self._fail(str(error))
        await self._note_call(is_answered=True)
        async with self._attempt.pool.connection() as connection:
            await store.note_accepted(connection, self._attempt.job_id)
        self._defer(self._settings.analysis_poll_s, WORKING)

    async def _poll(self, submitted_at: datetime) -> NoReturn:
        # As long as it has taken so far: doubled each time.
        wait_s = min(_MAX_POLL_S, (self._now() - submitted_at).total_seconds())
        wait_s = max(self._settings.analysis_poll_s, wait_s)
        try:
            report = await self._server.poll(self._attempt.job_id)
        except AnalysisServerBusy as error:
            await self._note_call(is_answered=error.is_answered)
            self._defer(max(wait_s, min(_MAX_RETRY_S, error.wait_s or 0)), WORKING)
        await self._note_call(is_answered=True)
        if report is None:
            # Only a webhook, or the time limit, ends this take.
            raise Deferred(self._take.give_up_at, WORKING)
        await self._receive(report)
        self._defer(wait_s, WORKING)

    async def _receive(self, report: AnalysisReport) -> None:
        """Raises AttemptLost if that was the end. What a webhook would be refused for is ignored."""
        try:
            async with self._attempt.pool.connection() as connection, connection.transaction():
                received = await receive(connection, report)
        except Invalid:
            return
        await self._announce(received.job, has_messages=received.has_messages)
        if report.status != "processing":
            raise AttemptLost

    async def _request(self) -> TakeSubmission:
        take = self._take
        if take.reference_key is None:
            await self._fail("the line has no reference audio any more")
        objects, lifetime = Objects(self._settings), max(_LEAST_LIFETIME, take.give_up_at - self._now())
        try:
            links = [
                await make_link(objects, self._settings.signing_keys, key, lifetime)
                for key in (take.reference_key, take.take_key)
            ]
        except StorageUnavailable:
            self._defer(self._retry_s(take.submissions + 1), _WAITING)
        public_url = self._settings.public_url.rstrip("/")
        reference_url, take_url = (public_url + link.url if link.url.startswith("/") else link.url for link in links)
        return TakeSubmission(
            job_id=self._attempt.job_id,
            text=take.text,
            language=take.language,
            reference_audio_url=reference_url,
            take_audio_url=take_url,
            urls_expire_at=min(link.expires_at for link in links),
            webhook_url=public_url + _WEBHOOK,
        )

    async def _give_up(self) -> NoReturn:
        within = f"within {self._settings.analysis_timeout_s} s"
        if self._take.submitted_at is None:
            await self._fail(f"the analysis server did not accept the take {within}")
        await self._fail(f"the analysis server gave no result {within}")

    async def _fail(self, reason: str) -> NoReturn:
        async with self._attempt.pool.connection() as connection, connection.transaction():
            ended = await end_take(connection, self._attempt.job_id, store.Ending(error=reason))
        if ended is not None:
            await self._announce(ended.job, has_messages=ended.has_messages)
        raise AttemptLost

    async def _announce(self, job: Job | None, *, has_messages: bool) -> None:
        if job is not None:
            await self._attempt.publish(job)
        if has_messages:
            await self._attempt.wake_worker(send.LANE)

    async def _note_call(self, *, is_answered: bool) -> None:
        async with self._attempt.pool.connection() as connection:
            await store.note_call(connection, self._settings.analysis_pause_s, is_answered=is_answered)

    def _retry_s(self, submission: int, wait_s: float | None = None) -> float:
        doublings = min(_MAX_DOUBLINGS, submission - 1)
        pause_s: float = min(_MAX_RETRY_S, self._settings.analysis_retry_s * 2**doublings)
        # Jitter: takes that failed together are not sent together again.
        return min(_MAX_RETRY_S, wait_s or 0) + pause_s * random.uniform(0.5, 1)  # noqa: S311

    def _defer(self, seconds: float, message: str) -> NoReturn:
        raise Deferred(min(self._now() + timedelta(seconds=seconds), self._take.give_up_at), message)

    def _now(self) -> datetime:
        """By the database's clock, which decides when a job is due."""
        return self._take.now + timedelta(seconds=time.monotonic() - self._started)


async def _analyse(attempt: Attempt, _: NoArguments) -> None:
    async with attempt.pool.connection() as connection:
        take = await store.find_to_analyse(connection, attempt.job_id)
    if take is None:
        raise NotFound("there is no take of this job")
    if take.status != "processing":
        raise TakeEnded
    if not attempt.settings.analysis_server_url:
        raise AnalysisServerMissing
    await _Analysis(attempt, take).run()


analyse_take = register(
    Task(
        name="analyse_take",
        arguments=NoArguments,
        result=TakeScores,
        lane="interactive",
        limits=_LIMITS,
        run=_analyse,
        completed_message="Analysis of the take completed",
    )
)
