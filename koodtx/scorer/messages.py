"""Requests of the API, and what is reported to it: docs/analysis-server.md."""

from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias

from msgspec import UNSET, Meta, Struct, UnsetType

Url: TypeAlias = Annotated[str, Meta(min_length=1, max_length=8_192)]
Status: TypeAlias = Literal["processing", "completed", "failed"]


class AnalysisRequest(Struct, frozen=True):
    """`text` and `language` are not used: only sounds are compared."""

    job_id: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,100}\Z")]
    reference_audio_url: Url
    take_audio_url: Url
    webhook_url: Url
    text: str | None = None
    language: str | None = None
    urls_expire_at: datetime | None = None


class Result(Struct, frozen=True):
    """Scores from 0 to 100."""

    pronunciation_score: float
    intonation_score: float
    emotion_score: float
    overall_score: float
    detailed_feedback: dict[str, Any]


class Report(Struct, frozen=True):
    """The body of a webhook and the answer to a poll. `progress`: percent."""

    job_id: str
    status: Status
    result: Result | UnsetType = UNSET
    error: str | UnsetType = UNSET
    progress: int | UnsetType = UNSET


class ScoreFiles(Struct, frozen=True):
    """A question to the process that scores: two files."""

    reference: str
    take: str


class Scored(Struct, frozen=True):
    """Its answer: one of both."""

    result: Result | None = None
    error: str | None = None
