"""Bookmarks, dubbed lines and the overview."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from koodtx.names import RowId
from koodtx.scripts.messages import Token
from koodtx.takes.messages import Status

# Inside a struct with a field of that name, `date` is the field.
Day = date

Score = Annotated[float | None, Meta(description="From 0 to 100; null: not known.")]


class NewBookmark(Struct, forbid_unknown_fields=True):
    """Which line to bookmark."""

    token_id: RowId


class TokenOfScript(Token):
    """A line, with the title of its script."""

    script_title: str


class Bookmark(Struct):
    """A line that the user wants to find again."""

    token: TokenOfScript
    bookmarked_at: datetime


class BookmarkList(Struct):
    """A page of bookmarks, the latest first."""

    bookmarks: list[Bookmark]
    total: Annotated[int, Meta(description="On all pages.")]


class TakeSummary(Struct):
    """A take; scores are null until it has completed."""

    job_id: UUID
    status: Status
    created_at: datetime
    duration_s: float
    pronunciation_score: Score
    intonation_score: Score
    emotion_score: Score
    overall_score: Score
    error: Annotated[str | None, Meta(description="Why it failed; null: it did not.")]


class DubbedToken(Struct):
    """A line of which the user has takes."""

    token: TokenOfScript
    take_count: int
    completed_count: int
    failed_count: int
    last_take: TakeSummary
    best_take: Annotated[
        TakeSummary | None, Meta(description="The first with the highest overall score; null: none has completed.")
    ]


class DubbedTokenList(Struct):
    """A page of dubbed lines, the one of the latest take first."""

    tokens: list[DubbedToken]
    total: Annotated[int, Meta(description="On all pages.")]


class Means(Struct):
    """Mean scores of completed takes; null: there are none."""

    pronunciation_score: float | None
    intonation_score: float | None
    emotion_score: float | None
    overall_score: float | None


class DayOfPractice(Struct):
    """A day of the user's time zone on which there are takes."""

    date: Day
    take_count: int
    completed_count: int
    means: Means
    best_overall_score: float | None


class Overview(Struct):
    """How much the user has practised."""

    timezone: Annotated[str, Meta(description="Whose days `progress` has: that of the account.")]
    bookmark_count: int
    take_count: int
    processing_count: int
    completed_count: int
    failed_count: int
    token_count: Annotated[int, Meta(description="Lines of which there are takes.")]
    script_count: Annotated[int, Meta(description="Scripts of which there are takes.")]
    recorded_s: Annotated[float, Meta(description="Length of all takes together.")]
    first_take_at: datetime | None
    last_take_at: datetime | None
    means: Means
    best_overall_score: float | None
    progress: Annotated[list[DayOfPractice], Meta(description="Days without takes are left out.")]
