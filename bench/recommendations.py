"""Row "recommendations": a nightly run over many users."""

import asyncio
from datetime import date
from uuid import UUID, uuid4

import psycopg

from bench.figures import Figure
from bench.measure import seconds_of
from bench.servers import Api, Servers
from bench.sizes import Sizes
from koodtx.database.pool import make_pool
from koodtx.recommendations.daily import DailyRun
from koodtx.recommendations.messages import RecommendationRun
from koodtx.recommendations.rules import RulesRecommender
from koodtx.settings import Settings

_DAY = date(2026, 3, 2)
# Every second user has a food and an exercise record on the day and on the six days before; the others lack exercise.
_USERS = """
with made as (
    insert into app.users (timezone) select 'Asia/Seoul' from generate_series(1, %(users)s) returning id
)
insert into app.diary_records (
    user_id, record_id, record_type, at, what, activity, minutes, created_at, updated_at
)
select
    made.id, gen_random_uuid(), kind.name, %(day)s::timestamp at time zone 'Asia/Seoul' - make_interval(days => back)
    + interval '12 hours', case kind.name when 'food' then 'rice' end,
    case kind.name when 'exercise' then 'walking' end, case kind.name when 'exercise' then 20 end, now(), now()
from made
cross join generate_series(0, 6) as back
cross join (values ('food'), ('exercise')) as kind (name)
where kind.name = 'food' or made.id %% 2 = 0
"""
_PLAIN = """
create table plain_recommendations (
    user_id bigint, day date, text_ko text, text_en text, findings jsonb, primary key (user_id, day)
)
"""
_COPY = """
insert into plain_recommendations
select user_id, day, text_ko, text_en, findings from app.recommendations where user_id = %s
"""


def recommendations(servers: Servers, sizes: Sizes) -> list[Figure]:
    """Compares a run with copying the rows that it made, one transaction each."""
    with servers.api() as api, psycopg.connect(api.owner_url, autocommit=True) as connection:
        connection.execute(_USERS, {"users": sizes.recommended_users, "day": _DAY})
        connection.execute("vacuum analyze")
        connection.execute(_PLAIN)
        run_s = seconds_of(lambda: asyncio.run(_run(api, uuid4())))
        users = [row[0] for row in connection.execute("select user_id from app.recommendations order by user_id")]
        assert len(users) == sizes.recommended_users // 2
        again_s = seconds_of(lambda: asyncio.run(_run(api, uuid4())))
        copied_s = seconds_of(lambda: [connection.execute(_COPY, [user]) for user in users])
    return [
        Figure(
            row="recommendations",
            value=run_s / copied_s,
            goal=10,
            is_at_least=False,
            measured=f"{sizes.recommended_users / run_s:,.0f} users/s, half of whom get one; "
            f"{sizes.recommended_users / again_s:,.0f} users/s when all have been dealt with",
            against=f"{len(users) / copied_s:,.0f} rows/s to copy what it wrote, one transaction each",
        )
    ]


async def _run(api: Api, job_id: UUID) -> None:
    settings = Settings(
        database_url=api.environment["KOODTX_DATABASE_URL"], secret_key=api.environment["KOODTX_SECRET_KEY"]
    )
    async with make_pool(settings) as pool:
        await DailyRun(pool, RulesRecommender(), job_id).run(_DAY, None, _ignored)


async def _ignored(total: int, counts: RecommendationRun) -> None:
    """Nobody needs its progress."""
