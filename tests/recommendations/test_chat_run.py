"""A run whose recommender is a chat endpoint: its failures are errors of single users, and the next run tries again."""

import asyncio

import msgspec
import pytest

from koodtx.database.pool import make_pool
from koodtx.recommendations.choose import choose_recommender
from koodtx.recommendations.daily import DailyRun
from koodtx.recommendations.messages import RecommendationRun
from koodtx.settings import Settings
from tests.recommendations.chat_replies import KO, recommends, says
from tests.recommendations.conftest import nobody
from tests.recommendations.people import DAY, job_id, ready, rows
from tests.support.aliases import Db
from tests.support.scripted_server import Reply, ScriptedServer, status

pytestmark = [pytest.mark.tasks, pytest.mark.integration]

_KEY = "a key of the endpoint"


def run(settings: Settings, *replies: Reply) -> RecommendationRun:
    async def main() -> RecommendationRun:
        async with ScriptedServer(*replies) as server, make_pool(settings) as pool:
            chosen = choose_recommender(
                msgspec.structs.replace(
                    settings,
                    recommender="chat",
                    chat_url=f"{server.url}/v1",
                    chat_model="m",
                    chat_api_key=_KEY,
                    chat_retries=0,
                )
            )
            daily = DailyRun(pool, chosen, job_id())
            await daily.run(DAY, None, nobody)
            return daily.counts

    return asyncio.run(main())


def test_failures_of_the_endpoint_are_tried_again_by_the_next_run(settings: Settings, db: Db) -> None:
    ready(db, 4)

    first = run(settings, recommends(), status(500), says("nonsense"), status(401))

    assert (first.users, first.recommended, first.failed) == (4, 1, 3)
    errors = [error for _, _, error, _ in rows(db) if error]
    assert len(set(errors)) == 3
    assert _KEY not in str(errors)

    second = run(settings, recommends())

    assert (second.has_one, second.recommended, second.failed) == (1, 3, 0)
    assert db.execute("select distinct recommender, text_ko from app.recommendations").fetchall() == [("chat:m", KO)]


def test_the_rules_are_the_default(settings: Settings) -> None:
    assert choose_recommender(settings).name == "rules"
    assert choose_recommender(settings) is choose_recommender(settings)
