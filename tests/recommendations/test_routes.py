"""/api/recommendations, and the task as an administrator starts it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.recommendations.conftest import Fails, Recommend
from tests.recommendations.people import DAY, note
from tests.support.aliases import Client, CreateUser, Db, Document
from tests.support.databases import value
from tests.support.processes import StartWorker
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.api, pytest.mark.tasks, pytest.mark.integration]

URL = "/api/recommendations/"


@pytest.fixture
def mina(create_user: CreateUser, db: Db) -> Document:
    """Has food and exercise on DAY and the day after."""
    account = create_user("mina")
    db.execute("update app.users set timezone = 'Asia/Seoul'")
    for at in ("2026-03-02T12:00:00+09:00", "2026-03-03T12:00:00+09:00"):
        note(db, [account["user"]["id"]], "food", at)
        note(db, [account["user"]["id"]], "exercise", at)
    return account


def get(client: Client, account: Document, status: int = 200, **query: Any) -> Any:
    reply = client.get(URL, params=query, headers=account["headers"])
    assert reply.status_code == status, reply.text
    return reply.json()


def test_my_recommendations_are_read_by_day_and_in_pages(
    client: Client, mina: Document, create_user: CreateUser, recommend: Recommend
) -> None:
    assert get(client, mina) == {"recommendations": [], "next": None}
    for day in (DAY, DAY + timedelta(days=1)):
        assert recommend(day).recommended == 1
    both = get(client, mina)["recommendations"]
    assert [one["date"] for one in both] == ["2026-03-03", "2026-03-02"]
    assert get(client, mina, date="2026-03-02")["recommendations"] == both[1:]
    first = get(client, mina, limit=1)
    assert first == {"recommendations": both[:1], "next": "2026-03-03"}
    assert get(client, mina, before=first["next"])["recommendations"] == both[1:]
    assert get(client, create_user("joon"))["recommendations"] == []
    assert {one["status"] for one in both} == {"ready"}
    assert all(one["text_ko"] and one["text_en"] and one["rules"] for one in both)
    found = {finding["rule"]: finding for finding in both[1]["findings"]}
    assert found["weekly_exercise"] == {
        "rule": "weekly_exercise", "value": 30.0, "threshold": 150.0, "unit": "min", "is_met": False,
    }  # fmt: skip


def test_an_error_is_a_state_without_internals(client: Client, mina: Document, recommend: Recommend, db: Db) -> None:
    db.execute("update app.diary_records set what = 'breaks' where what is not null")
    assert recommend(recommender=Fails()).failed == 1
    (one,) = get(client, mina)["recommendations"]
    assert (one["status"], one["text_ko"], one["text_en"], one["rules"]) == ("failed", None, None, [])
    assert "Zero" not in repr(one)


@pytest.mark.parametrize("query", [{"date": "yesterday"}, {"before": "2026-02-30"}, {"limit": 0}, {"limit": 101}])
def test_a_wrong_query_names_its_field(client: Client, mina: Document, query: dict[str, Any]) -> None:
    (field,) = query
    assert get(client, mina, status=422, **query)["errors"][0]["field"] == field


def start(client: Client, db: Db, account: Document, **wanted: Any) -> Any:
    """The result of a run that an administrator started."""
    db.execute("update app.users set role = 'admin' where id = %s", [account["user"]["id"]])
    reply = client.post("/api/batch/run/", json={"task": "recommend_daily"} | wanted, headers=account["headers"])
    assert reply.status_code == 202, reply.text
    run_id = reply.json()["run_id"]
    wait_until(lambda: value(db, "select finished_at is not null from app.jobs where id = %s", run_id), 60)
    (run,) = client.get("/api/batch/status/?limit=1", headers=account["headers"]).json()["runs"]
    assert run["status"] == "completed", run
    return value(db, "select result from app.jobs where id = %s", run_id) | {"shown": run["counts"]}


@pytest.mark.parametrize("args", [{"user_id": 2**63}, {"user_id": 0}, {"date": "0000-01-01"}, {"day": "2026-03-02"}])
def test_wrong_arguments_of_a_run_are_named_at_once(
    client: Client, mina: Document, db: Db, args: dict[str, Any]
) -> None:
    db.execute("update app.users set role = 'admin'")
    reply = client.post("/api/batch/run/", json={"task": "recommend_daily", "args": args}, headers=mina["headers"])
    assert (reply.status_code, reply.json()["errors"][0]["field"]) == (422, f"args.{next(iter(args))}")
    assert value(db, "select count(*) from app.jobs") == 0


def test_a_run_for_one_user_and_day(client: Client, mina: Document, db: Db, start_worker: StartWorker) -> None:
    start_worker()
    result = start(client, db, mina, date="2026-03-02", username="mina")
    assert (result["users"], result["recommended"], result["is_complete"]) == (1, 1, True)
    assert result["shown"]["recommended"] == 1
    assert [one["date"] for one in get(client, mina)["recommendations"]] == ["2026-03-02"]


def test_without_an_active_schedule_a_run_does_nothing_and_says_so(
    client: Client, mina: Document, db: Db, start_worker: StartWorker
) -> None:
    start_worker()
    db.execute("update app.schedules set is_active = false where task = 'recommend_daily'")
    result = start(client, db, mina, date="2026-03-02")
    assert (result["has_schedule"], result["users"]) == (False, 0)
    assert get(client, mina)["recommendations"] == []


def test_the_default_schedule_makes_them_every_night(db: Db) -> None:
    row = db.execute("select name, frequency, hour, is_active from app.schedules where task = 'recommend_daily'")
    assert row.fetchall() == [("recommend-daily", "daily", 4, True)]


def test_a_schedule_without_a_task_is_one_of_recommendations(client: Client, mina: Document, db: Db) -> None:
    db.execute("update app.users set role = 'admin'")
    body = {"name": "추천", "frequency": "daily", "hour": 5}
    reply = client.post("/api/batch/schedule/", json=body, headers=mina["headers"])
    assert (reply.status_code, reply.json()["task"], reply.json()["name"]) == (201, "recommend_daily", "추천")
    assert datetime.fromisoformat(reply.json()["next_run_at"]) > datetime.now(UTC)
