"""Runs of the daily recommendations."""

import asyncio
from collections.abc import Callable
from datetime import date
from uuid import UUID

import pytest

from koodtx.database.pool import make_pool
from koodtx.recommendations.daily import DailyRun, Report
from koodtx.recommendations.messages import RecommendationRun
from koodtx.recommendations.recommender import Day, Recommender, RecommenderFailed, Texts
from koodtx.recommendations.rules import RulesRecommender
from koodtx.settings import Settings
from tests.recommendations.people import DAY, job_id

Recommend = Callable[..., RecommendationRun]


class Fails:
    """Has a recommendation unless a food is a word that it fails at."""

    name = "fails"

    async def recommend(self, day: Day) -> Texts:
        for food in day.foods:
            if food.what == "fails":
                raise RecommenderFailed("no recommendation for this food")
            if food.what == "breaks":
                raise ZeroDivisionError
        return Texts(ko="좋아요", en="Good", rules=[])


async def nobody(total: int, counts: RecommendationRun) -> None:
    """Needs no progress."""


@pytest.fixture
def recommend(settings: Settings) -> Recommend:
    """Runs over all accounts, as another job each time; what became of them."""

    def run(
        day: date | None = DAY, user_id: int | None = None, recommender: Recommender | None = None,
        report: Report = nobody, job: UUID | None = None,
    ) -> RecommendationRun:  # fmt: skip
        async def main() -> RecommendationRun:
            async with make_pool(settings) as pool:
                daily = DailyRun(pool, recommender or RulesRecommender(), job or job_id())
                await daily.run(day, user_id, report)
                return daily.counts

        return asyncio.run(main())

    return run
