"""The task that makes the recommendations of a day."""

import time
from datetime import date

from msgspec import Struct

from koodtx.jobs.attempt import Attempt, Limits, SoftLimitReached
from koodtx.jobs.task import Task, register
from koodtx.names import RowId
from koodtx.recommendations import store
from koodtx.recommendations.choose import choose_recommender
from koodtx.recommendations.daily import DailyRun
from koodtx.recommendations.messages import RecommendationRun

# At the soft limit a run ends in order, and the next one does the rest. After a minute it makes way for jobs that wait.
_LIMITS = Limits(soft_s=21_540, hard_s=21_600, slice_s=60)
_REPORT_EVERY_S = 0.5

# Inside a struct with a field of that name, `date` is the field.
Day = date


class RecommendArguments(Struct, frozen=True, kw_only=True):
    """`date`: a day of each user's time zone; None: yesterday. `user_id`: of one user only."""

    date: Day | None = None
    user_id: RowId | None = None


async def _recommend(attempt: Attempt, arguments: RecommendArguments) -> RecommendationRun:
    async with attempt.pool.connection() as connection:
        if not await store.has_active_schedule(connection, recommend_daily.name):
            return RecommendationRun(has_schedule=False)
    reported_at = 0.0

    async def report(total: int, counts: RecommendationRun) -> None:
        nonlocal reported_at
        if time.monotonic() - reported_at > _REPORT_EVERY_S:
            reported_at = time.monotonic()
            progress = min(99, 100 * counts.users // max(1, total))
            await attempt.report(progress, f"{counts.users:,} of {total:,} accounts")

    run = DailyRun(attempt.pool, choose_recommender(attempt.settings), attempt.job_id)
    try:
        await run.run(arguments.date, arguments.user_id, report)
    except SoftLimitReached:
        run.counts.is_complete = False
    return run.counts


recommend_daily = register(
    Task(
        name="recommend_daily",
        arguments=RecommendArguments,
        result=RecommendationRun,
        lane="batch",
        limits=_LIMITS,
        run=_recommend,
        counts=("users", "recommended", "failed", "has_one", "lacks_food", "lacks_exercise", "not_over"),
    )
)
