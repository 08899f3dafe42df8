"""A worker is killed in the middle of a run over many accounts: the next goes on, and nobody gets two."""

import pytest

from koodtx.settings import Settings
from tests.recommendations.people import DAY, ready, rows
from tests.support.aliases import Db
from tests.support.databases import value
from tests.support.processes import StartWorker
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.faults, pytest.mark.tasks, pytest.mark.integration]

_USERS = 3000
_ENQUEUE = """
insert into app.jobs (task, lane, arguments)
values ('recommend_daily', 'batch', jsonb_build_object('date', %s::date)) returning id
"""


def test_a_killed_run_is_resumed_without_duplicates(settings: Settings, db: Db, start_worker: StartWorker) -> None:
    ready(db, _USERS)
    job_id = value(db, _ENQUEUE, DAY)
    first = start_worker()
    wait_until(lambda: len(rows(db)) >= 300, 60)
    first.kill()
    killed_at = len(rows(db))
    assert 300 <= killed_at < _USERS

    start_worker()
    wait_until(lambda: value(db, "select status from app.jobs where id = %s", job_id) == "completed", 120)

    assert value(db, "select attempt from app.jobs where id = %s", job_id) == 2
    result = value(db, "select result from app.jobs where id = %s", job_id)
    assert (result["users"], result["recommended"], result["has_one"], result["failed"]) == (_USERS, _USERS, 0, 0)
    assert [attempts for *_, attempts in rows(db)] == [1] * _USERS
