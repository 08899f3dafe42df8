"""What the analysis server reports of a take: by webhook, or when it is polled. Both may come twice, and late."""

from typing import NamedTuple

from koodtx.database.query import Connection
from koodtx.errors import NotFound, invalid_field
from koodtx.jobs import store as jobs
from koodtx.jobs.arguments import has_nul
from koodtx.jobs.messages import Job
from koodtx.json import is_deeper
from koodtx.takes import store
from koodtx.takes.end import end_take
from koodtx.takes.messages import MAX_FEEDBACK_LEVELS, AnalysisReport, ReportedScores
from koodtx.takes.store import Ending

WORKING = "The analysis server is working"
_FAILED = "the analysis server could not analyse the take"
# The last step is the result itself.
_MAX_PROGRESS = 99


class Received(NamedTuple):
    """`job`: for `notify.publish_state` after the commit; None: nothing has changed, or it is gone.

    `has_messages`: whether a worker of `send.LANE` should be woken after the commit, for the user's webhooks.
    """

    is_accepted: bool
    job: Job | None
    has_messages: bool = False


async def receive(connection: Connection, report: AnalysisReport) -> Received:
    """Applies a report in the caller's transaction; what comes after the end is ignored. Raises Invalid, NotFound."""
    ending = _ending(report)
    status = await store.find_status(connection, report.job_id)
    if status is None:
        raise NotFound("there is no take with this job_id")
    if ending is None:
        if status != "processing":
            return Received(False, None)
        progress = min(_MAX_PROGRESS, int(report.progress or 0))
        job = await jobs.advance_job(connection, report.job_id, progress, WORKING)
        return Received(job is not None, job)
    ended = await end_take(connection, report.job_id, ending)
    return Received(False, None) if ended is None else Received(True, ended.job, ended.has_messages)


def _ending(report: AnalysisReport) -> Ending | None:
    """None: the take is still being analysed."""
    if report.status == "processing":
        return None
    if report.status == "failed":
        return Ending(error=report.error or _FAILED)
    if report.result is None:
        raise invalid_field("result", "is missing")
    return _scores(report.result)


def _scores(result: ReportedScores) -> Ending:
    scores = [result.pronunciation_score, result.intonation_score, result.emotion_score]
    if is_deeper(result.detailed_feedback, MAX_FEEDBACK_LEVELS):
        raise invalid_field("result.detailed_feedback", f"must not have more than {MAX_FEEDBACK_LEVELS} levels")
    if has_nul(result.detailed_feedback):
        raise invalid_field("result.detailed_feedback", "must not contain NUL characters")
    return Ending(
        pronunciation_score=result.pronunciation_score,
        intonation_score=result.intonation_score,
        emotion_score=result.emotion_score,
        overall_score=sum(scores) / len(scores) if result.overall_score is None else result.overall_score,
        detailed_feedback=result.detailed_feedback,
    )
