"""Recommendations as their user reads them, and the result of a run."""

from datetime import date, datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from koodtx.recommendations.recommender import Finding

# Inside a struct with a field of that name, `date` is the field.
Day = date


class Recommendation(Struct):
    """The recommendation of one of my days."""

    date: Annotated[Day, Meta(description="A day of my time zone.")]
    status: Annotated[
        Literal["ready", "failed"], Meta(description="`failed`: there is none yet; the next run tries again.")
    ]
    text_ko: Annotated[str | None, Meta(description="In Korean; null: it failed.")]
    text_en: Annotated[str | None, Meta(description="In English; null: it failed.")]
    rules: Annotated[list[str], Meta(description="The rules it is based on.")]
    findings: Annotated[list[Finding], Meta(description="What each rule found, the most important one first.")]
    recommender: Annotated[str, Meta(examples=["rules"])]
    updated_at: datetime


class RecommendationList(Struct):
    """My recommendations, the latest day first."""

    recommendations: list[Recommendation]
    next: Annotated[Day | None, Meta(description="Pass it as `before` for the next page; null: there is none.")]


class RecommendationRun(Struct, kw_only=True):
    """How many accounts a run considered, and what became of each; every account counts once."""

    users: int = 0
    recommended: int = 0
    failed: Annotated[int, Meta(description="The error is saved, and the next run tries again.")] = 0
    has_one: Annotated[int, Meta(description="Had a recommendation for that day already.")] = 0
    lacks_food: Annotated[int, Meta(description="No food record on that day, whether or not an exercise record.")] = 0
    lacks_exercise: Annotated[int, Meta(description="Food, but no exercise record on that day.")] = 0
    not_over: Annotated[int, Meta(description="The day has not ended in their time zone.")] = 0
    has_schedule: Annotated[
        bool, Meta(description="Whether there is an active schedule of the task; without one nothing is done.")
    ] = True
    is_complete: Annotated[bool, Meta(description="False: the time was up; the next run does the rest.")] = True
