"""Requests and answers of takes, and messages of the analysis server."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from koodtx.names import NO_NUL

# Of a webhook, and of an answer to a poll.
REPORT_BYTES = 262_144
# Objects and lists in each other. Who walks through them, here or in an app, may call itself once for each.
MAX_FEEDBACK_LEVELS = 64

Status = Literal["processing", "completed", "failed"]
Score = Annotated[float, Meta(ge=0, le=100)]
ErrorText = Annotated[str, Meta(max_length=2000, pattern=NO_NUL)]


class TakeStarted(Struct):
    """A take that was stored and will be analysed."""

    job_id: UUID
    status: Literal["processing"] = "processing"


class TakeResult(Struct, kw_only=True):
    """A take, and what the analysis server found. Scores are null until it has completed."""

    job_id: UUID
    token_id: int
    status: Status
    pronunciation_score: Score | None
    intonation_score: Score | None
    emotion_score: Score | None
    overall_score: Score | None
    detailed_feedback: Annotated[
        dict[str, Any] | str | None,
        Meta(description="An object or a text, as the analysis server sent it; null: it sent none."),
    ]
    created_at: datetime
    error: Annotated[str | UnsetType, Meta(description="Why it failed; else absent.")] = UNSET


class TakeScores(Struct, kw_only=True):
    """The result of the job of a take."""

    token_id: int
    pronunciation_score: Score
    intonation_score: Score
    emotion_score: Score
    overall_score: Score


class TakeSubmission(Struct, kw_only=True):
    """What the analysis server is sent."""

    job_id: UUID
    text: str
    language: str
    reference_audio_url: str
    take_audio_url: str
    urls_expire_at: datetime
    webhook_url: str


class ReportedScores(Struct, kw_only=True):
    """From 0 to 100."""

    pronunciation_score: Score
    intonation_score: Score
    emotion_score: Score
    overall_score: Annotated[Score | None, Meta(description="Absent: the mean of the three.")] = None
    detailed_feedback: Annotated[
        dict[str, Any] | str | None,
        Meta(description="Given to the user as it is, at most 64 levels deep. A text is accepted as well."),
    ] = None


class AnalysisReport(Struct, kw_only=True):
    """What the analysis server reports: by webhook, or when it is polled."""

    job_id: UUID
    status: Status
    result: Annotated[ReportedScores | None, Meta(description="With `completed`.")] = None
    error: Annotated[ErrorText | None, Meta(description="With `failed`: what the user reads.")] = None
    progress: Annotated[
        Annotated[float, Meta(ge=0, le=100)] | None, Meta(description="With `processing`: per cent.")
    ] = None


class ReportTaken(Struct):
    """What became of a report."""

    status: Annotated[Literal["accepted", "ignored"], Meta(description="`ignored`: the take had ended before.")]
