"""A run over many accounts: who gets a recommendation, who does not, and what another run changes."""

import asyncio
from datetime import date, timedelta
from threading import Thread
from typing import Any

import msgspec
import psycopg
import pytest
from psycopg import sql
from psycopg_pool import PoolTimeout

from koodtx.database.pool import make_pool
from koodtx.errors import DatabaseUnavailable
from koodtx.recommendations.daily import DailyRun
from koodtx.recommendations.messages import RecommendationRun
from koodtx.settings import Settings
from tests.recommendations.conftest import Fails, Recommend, nobody
from tests.recommendations.people import DAY, create, job_id, note, ready, rows
from tests.support.aliases import Db

pytestmark = [pytest.mark.tasks, pytest.mark.integration]


def counts(run: RecommendationRun) -> dict[str, Any]:
    """Those that are not 0."""
    return {name: count for name in run.__struct_fields__ if (count := getattr(run, name)) and count is not True}


def test_each_of_a_thousand_users_is_treated_by_the_rules(db: Db, recommend: Recommend) -> None:
    lack_food, lack_exercise = create(db, 110), create(db, 120)
    create(db, 130)
    note(db, lack_food, "exercise")
    note(db, lack_exercise, "food")
    fail, break_ = ready(db, 40, what="fails"), ready(db, 10, what="breaks")
    have_one, get_one = ready(db, 90), ready(db, 500)
    db.execute("update app.users set is_active = id <> all (%s)", [have_one + fail])
    assert counts(recommend(recommender=Fails())) == {
        "users": 870, "recommended": 500, "failed": 10, "lacks_food": 240, "lacks_exercise": 120,
    }  # fmt: skip
    db.execute("delete from app.recommendations")
    db.execute("update app.users set is_active = id = any (%s)", [have_one])
    assert counts(recommend(recommender=Fails())) == {"users": 90, "recommended": 90}
    db.execute("update app.users set is_active = true")

    run = recommend(recommender=Fails())

    assert counts(run) == {
        "users": 1000, "recommended": 500, "failed": 50, "has_one": 90, "lacks_food": 240, "lacks_exercise": 120,
    }  # fmt: skip
    first = rows(db)
    errors = dict.fromkeys(fail, "no recommendation for this food")
    errors |= dict.fromkeys(break_, "internal error (ZeroDivisionError)")
    assert {user: error for user, _, error, _ in first if error} == errors
    assert {user for user, text, _, _ in first if text} == {*have_one, *get_one}
    assert {attempts for *_, attempts in first} == {1}

    again = recommend(recommender=Fails())

    assert counts(again) == {
        "users": 1000, "failed": 50, "has_one": 590, "lacks_food": 240, "lacks_exercise": 120,
    }  # fmt: skip
    tried = [(user, text, error, attempts + (error is not None)) for user, text, error, attempts in first]
    assert rows(db) == tried


def test_an_error_is_replaced_when_a_later_run_succeeds(db: Db, recommend: Recommend) -> None:
    (user,) = ready(db, 1, what="fails")
    assert recommend(recommender=Fails()).failed == 1
    assert recommend().recommended == 1
    ((found, text, error, attempts),) = rows(db)
    assert (found, error, attempts) == (user, None, 2)
    assert text


def test_two_runs_at_once_give_nobody_two(db: Db, recommend: Recommend) -> None:
    ready(db, 300)
    runs: list[RecommendationRun] = []
    threads = [Thread(target=lambda: runs.append(recommend())) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(run.recommended for run in runs) == 300
    assert sum(run.has_one for run in runs) == 300
    assert [attempts for *_, attempts in rows(db)] == [1] * 300


def test_an_interrupted_run_goes_on_where_it_was(db: Db, recommend: Recommend) -> None:
    """The counts are those of the whole run; what failed waits for the next run."""
    ready(db, 20, what="fails")
    ready(db, 100)
    job = job_id()

    async def interrupt(total: int, so_far: RecommendationRun) -> None:
        assert total == 120
        if so_far.users >= 60:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        recommend(recommender=Fails(), report=interrupt, job=job)
    done = len(rows(db))
    assert 60 <= done < 120

    run = recommend(recommender=Fails(), job=job)

    assert counts(run) == {"users": 120, "recommended": 100, "failed": 20}
    assert {attempts for *_, attempts in rows(db)} == {1}


def test_more_accounts_than_a_page_has(db: Db, recommend: Recommend) -> None:
    create(db, 2500)
    ready(db, 3)
    assert counts(recommend()) == {"users": 2503, "lacks_food": 2500, "recommended": 3}


def test_one_user_only(db: Db, recommend: Recommend) -> None:
    first, second = ready(db, 2)
    assert counts(recommend(user_id=second)) == {"users": 1, "recommended": 1}
    assert [user for user, *_ in rows(db)] == [second]
    assert counts(recommend(user_id=first + 1000)) == {}


@pytest.mark.parametrize(
    ("timezone", "first", "last", "outside"),
    [
        ("Asia/Seoul", "2026-03-02T00:00:00+09:00", "2026-03-02T23:59:59.999999+09:00", "2026-03-03T00:00:00+09:00"),
        ("America/New_York", "2026-03-02T05:00:00Z", "2026-03-03T04:59:59.999999Z", "2026-03-02T04:59:59.999999Z"),
        ("Pacific/Apia", "2026-03-01T11:00:00Z", "2026-03-02T10:59:59.999999Z", "2026-03-02T11:00:00Z"),
    ],
)
def test_a_day_is_of_the_users_time_zone(
    db: Db, recommend: Recommend, timezone: str, first: str, last: str, outside: str
) -> None:
    inside, beside = create(db, 1, timezone), create(db, 1, timezone)
    note(db, inside, "food", first)
    note(db, inside, "exercise", last)
    note(db, beside, "food", first)
    note(db, beside, "exercise", outside)
    assert counts(recommend()) == {"users": 2, "recommended": 1, "lacks_exercise": 1}
    assert [user for user, *_ in rows(db)] == inside


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2025, 11, 2), 25), (date(2026, 3, 8), 23)], ids=["clocks set back", "clocks set forward"]
)
def test_a_day_of_a_clock_change_is_whole(db: Db, recommend: Recommend, day: date, hours: int) -> None:
    """In Havana clocks change at midnight: of 2026-03-08 there is no 00:30."""
    inside, beside = create(db, 1, "America/Havana"), create(db, 1, "America/Havana")
    first = db.execute("select from_at, until_at from analytics.local_day_bounds(%s, 'America/Havana')", [day])
    from_at, until_at = first.fetchone() or (None, None)
    assert until_at - from_at == timedelta(hours=hours)
    note(db, inside, "food", from_at)
    note(db, inside, "exercise", until_at - timedelta(seconds=1))
    note(db, beside, "food", until_at)
    note(db, beside, "exercise", from_at)
    assert counts(recommend(day)) == {"users": 2, "recommended": 1, "lacks_food": 1}


def test_without_a_date_it_is_yesterday_of_each_user(db: Db, recommend: Recommend) -> None:
    """Between two zones 25 hours apart, yesterday is never the same day."""
    for timezone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        users = create(db, 1, timezone)
        at = f"{timezone!r}"
        noon = db.execute(
            f"select (analytics.local_day(now(), {at}) - 1 + time '12:00') at time zone {at}".encode()
        ).fetchone()
        assert noon is not None
        for record_type in ("food", "exercise"):
            note(db, users, record_type, noon[0])
    assert counts(recommend(None)) == {"users": 2, "recommended": 2}
    days = db.execute("select distinct day from app.recommendations").fetchall()
    assert len(days) == 2


def test_a_run_that_waited_is_for_the_day_before_it_was_enqueued(db: Db, recommend: Recommend) -> None:
    """However long its workers were away, or how often it was interrupted."""
    job = job_id()
    db.execute(
        "insert into app.jobs (id, task, lane, arguments, created_at)"
        " values (%s, 'recommend_daily', 'batch', '{}', '2026-03-03T04:00:00+09:00')", [job],
    )  # fmt: skip
    ready(db, 2)
    assert counts(recommend(None, job=job)) == {"users": 2, "recommended": 2}
    assert db.execute("select distinct day from app.recommendations").fetchall() == [(DAY,)]


def test_a_day_that_is_not_over_waits(db: Db, recommend: Recommend) -> None:
    users = create(db, 1, "UTC")
    for record_type in ("food", "exercise"):
        note(db, users, record_type, "now")
    assert counts(recommend(date.today() + timedelta(days=1))) == {"users": 1, "not_over": 1}
    assert rows(db) == []


def test_deleted_records_do_not_count(db: Db, recommend: Recommend) -> None:
    ready(db, 1)
    db.execute("update app.diary_records set deleted_at = now() where record_type = 'exercise'")
    assert counts(recommend()) == {"users": 1, "lacks_exercise": 1}


def test_what_the_recommender_is_given_names_nobody(db: Db, recommend: Recommend) -> None:
    given = []

    class Listens(Fails):
        async def recommend(self, day: Any) -> Any:
            given.append(day)
            return await super().recommend(day)

    (user,) = ready(db, 1)
    db.execute("update app.users set name = 'Mina Kim', email = 'mina@example.org' where id = %s", [user])
    recommend(recommender=Listens())
    (day,) = given
    assert day.date == DAY
    assert [(food.hour, food.what, food.tags) for food in day.foods] == [(12, "비빔밥", [])]
    assert [(one.hour, one.activity, one.minutes) for one in day.exercises] == [(12, "걷기", 30)]
    assert {finding.rule for finding in day.findings} >= {"weekly_exercise"}
    assert "Mina" not in repr(day)
    assert "mina" not in repr(day)


def test_the_database_being_away_is_an_error_of_the_run_and_of_no_user(
    db: Db, recommend: Recommend, settings: Settings
) -> None:
    """Nothing is saved, so that the next attempt of the job does it all."""
    ready(db, 8)
    name = sql.Identifier(db.info.dbname)

    class Disconnects(Fails):
        async def recommend(self, day: Any) -> Any:
            db.execute(sql.SQL("alter database {} connection limit 0").format(name))
            db.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and usename = 'koodtx_app'"
            )
            return await super().recommend(day)

    async def run() -> None:
        async with make_pool(msgspec.structs.replace(settings, pool_timeout_s=1)) as pool:
            await DailyRun(pool, Disconnects(), job_id()).run(DAY, None, nobody)

    with pytest.raises((psycopg.Error, PoolTimeout, DatabaseUnavailable)):
        asyncio.run(run())
    assert rows(db) == []
    db.execute(sql.SQL("alter database {} connection limit -1").format(name))
    assert counts(recommend()) == {"users": 8, "recommended": 8}
