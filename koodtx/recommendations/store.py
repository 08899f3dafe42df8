"""The room's SQL calls."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
from msgspec import Struct
from psycopg.types.json import Jsonb

from koodtx.database.query import Connection, fetch_all, fetch_one, fetch_value
from koodtx.recommendations.recommender import Day, Exercise, Finding, Food, Texts

State = Literal["ready", "recommended", "failed", "has_one", "lacks_food", "lacks_exercise", "not_over"]


class Candidate(Struct):
    """An account, a day of it, and what a run has to do."""

    user_id: int
    day: date
    state: State


class Stored(Struct):
    """A row of app.recommendations."""

    day: date
    recommender: str
    text_ko: str | None
    text_en: str | None
    rules: list[str]
    findings: Any
    updated_at: datetime


class _Given(Struct):
    """Columns of app.recommendation_day()."""

    foods: Any
    exercises: Any
    findings: Any


async def has_active_schedule(connection: Connection, task: str) -> bool:
    found: bool = await fetch_value(
        connection,
        "select exists (select from app.schedules where task = %(task)s and is_active)",
        {"task": task},
    )
    return found


async def count_accounts(connection: Connection) -> int:
    count: int = await fetch_value(connection, "select count(*) from app.users where is_active")
    return count


async def read_page(
    connection: Connection, day: date | None, user_id: int | None, job_id: UUID, *, after: int, limit: int
) -> list[Candidate]:
    """The accounts after one of this id. `day` None: yesterday of each; `user_id` None: all."""
    return await fetch_all(
        connection,
        Candidate,
        "select * from app.recommendation_page(%(day)s, %(user_id)s, %(job_id)s, %(after)s, %(limit)s)",
        {"day": day, "user_id": user_id, "job_id": job_id, "after": after, "limit": limit},
    )


async def read_day(connection: Connection, user_id: int, day: date) -> Day:
    """What a recommender is given."""
    given = await fetch_one(
        connection,
        _Given,
        "select * from app.recommendation_day(%(user_id)s, %(day)s)",
        {"user_id": user_id, "day": day},
    )
    assert given is not None
    return Day(
        day,
        msgspec.convert(given.foods, list[Food]),
        msgspec.convert(given.exercises, list[Exercise]),
        msgspec.convert(given.findings, list[Finding]),
    )


async def save(
    connection: Connection, candidate: Candidate, recommender: str, made: Texts | str, findings: list[Finding],
    job_id: UUID,
) -> bool:  # fmt: skip
    """Saves the texts, or the error if it is one text. False: another run has saved a recommendation."""
    texts = made if isinstance(made, Texts) else None
    is_saved: bool = await fetch_value(
        connection,
        """
        select app.save_recommendation(
            %(user_id)s, %(day)s, %(recommender)s, %(ko)s, %(en)s, %(rules)s::text[], %(findings)s, %(error)s,
            %(job_id)s
        )
        """,
        {
            "user_id": candidate.user_id, "day": candidate.day, "recommender": recommender, "job_id": job_id,
            "ko": texts and texts.ko, "en": texts and texts.en, "rules": texts.rules if texts else [],
            "findings": Jsonb(msgspec.to_builtins(findings)), "error": None if texts else made,
        },
    )  # fmt: skip
    return is_saved


async def list_recommendations(
    connection: Connection, user_id: int, *, day: date | None, before: date | None, limit: int
) -> list[Stored]:
    """Those of a user, the latest day first: of one day, or before one."""
    return await fetch_all(
        connection,
        Stored,
        """
        select day, recommender, text_ko, text_en, rules, findings, updated_at
        from app.recommendations
        where user_id = %(user_id)s and (%(day)s::date is null or day = %(day)s)
            and (%(before)s::date is null or day < %(before)s)
        order by day desc
        limit %(limit)s
        """,
        {"user_id": user_id, "day": day, "before": before, "limit": limit},
    )
