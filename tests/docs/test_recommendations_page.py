"""docs/recommendations.md: its commands are run against a service, as written."""

import httpx
import pytest

from koodtx.recommendations.tasks import recommend_daily
from koodtx.recommendations.texts import ADVICE
from tests.docs.pages import blocks, read, rows
from tests.docs.test_sharing_page import run
from tests.recommendations.people import note
from tests.support.aliases import Db
from tests.support.databases import value
from tests.support.processes import WorkerProcess
from tests.support.requests import log_in, register
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.api, pytest.mark.integration]

_PAGE = "docs/recommendations.md"


def test_every_command_succeeds(url: str, worker: WorkerProcess, db: Db) -> None:
    with httpx.Client(base_url=url, timeout=30) as http:
        mina, boss = register(http, "mina"), register(http, "boss")
        db.execute("update app.users set role = 'admin' where username = 'boss'")
        admin = log_in(http, boss, "laptop")
    for record_type in ("food", "exercise"):
        note(db, [mina["user"]["id"]], record_type, "2026-03-02T12:00:00Z")
    env = {"URL": url} | {
        name: f"Authorization: {headers['Authorization']}"
        for name, headers in (("AUTH", mina["headers"]), ("ADMIN", admin))
    }
    of_day, latest, start = (
        line for language, text in blocks(read(_PAGE)) if language == "sh" for line in text.splitlines()
    )
    job_id = run(start, env)["run_id"]
    wait_until(lambda: value(db, "select status from app.jobs where id = %s", job_id) == "completed", 60)
    (found,) = run(of_day, env)["recommendations"]
    assert run(latest, env)["recommendations"] == [found]
    assert found["status"] == "ready"
    assert any("가" <= letter <= "힣" for letter in found["text_ko"])


@pytest.mark.unit
def test_counts_and_rules_are_all_there_are() -> None:
    documented = {row[0].strip("`") for row in rows(read(_PAGE))}
    assert documented == {*recommend_daily.counts, *ADVICE} - {"users"}
