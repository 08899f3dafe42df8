"""Which job runs next: lanes, ranks, slices, and tasks that no worker knows."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from koodtx.settings import Settings
from tests.support.processes import KoodtxProcess, SlowWorkerProcess, StartWorker, WorkerProcess
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.tasks, pytest.mark.integration]

Db = psycopg.Connection[Any]
Client = TestClient[Litestar]
Headers = dict[str, str]

_CLAIM = "select * from app.claim_job('30 s', '{work}', '{interactive,batch}')"


def one(db: Db, query: str, *parameters: Any) -> Any:
    """The one value that a query gives."""
    row = db.execute(query, parameters).fetchone()  # type: ignore[call-overload]
    assert row is not None
    return row[0]


def status(db: Db, job: UUID) -> str:
    return str(one(db, "select status from app.jobs where id = %s", job))


def enqueue(db: Db, user_id: int | None = None, lane: str = "interactive", run_at: str | None = None) -> UUID:
    job: UUID = one(db, "select app.enqueue_job('work', %s, '{}', %s, _run_at => %s)", lane, user_id, run_at)
    return job


def claim(db: Db) -> UUID | None:
    row = db.execute(_CLAIM).fetchone()
    return None if row is None else row[0]


@pytest.fixture
def user_ids(create_user: Callable[..., dict[str, Any]]) -> list[int]:
    return [create_user()["user"]["id"] for _ in range(3)]


def test_job_of_a_user_waits_for_at_most_one_of_each_other(db: Db, user_ids: list[int]) -> None:
    first, second, third = user_ids
    many = [enqueue(db, first) for _ in range(200)]
    small, last = enqueue(db, second), enqueue(db, third)

    assert [claim(db) for _ in range(4)] == [many[0], small, last, many[1]]


def test_interactive_jobs_come_first(db: Db, user_ids: list[int]) -> None:
    batch = enqueue(db, user_ids[0], "batch")
    interactive = [enqueue(db, user_ids[1]) for _ in range(2)]

    assert [claim(db) for _ in range(3)] == [*interactive, batch]


def test_worker_takes_only_its_lanes(db: Db) -> None:
    enqueue(db, lane="batch")

    assert db.execute("select from app.claim_job('30 s', '{work}', '{interactive}')").fetchone() is None


def test_job_for_later_takes_no_place_before_it_is_due(db: Db, user_ids: list[int]) -> None:
    later = [enqueue(db, user_ids[0], run_at="2099-01-01") for _ in range(5)]
    now, other = enqueue(db, user_ids[0]), enqueue(db, user_ids[1])

    assert [claim(db) for _ in range(3)] == [now, other, None]
    db.execute("update app.jobs set run_at = now() - interval '1 minute' where id = any(%s)", [later])
    another = enqueue(db, user_ids[2])
    # Due all at once they stand one behind the other, as if they had been queued then.
    assert claim(db) == another
    ranks = one(db, "select array_agg(queue_rank order by queue_rank) from app.jobs where id = any(%s)", later)
    assert ranks == [1, 2, 3, 4, 5]


def test_job_that_yields_goes_behind_its_equals_and_loses_no_attempt(db: Db, user_ids: list[int]) -> None:
    yielding, other = enqueue(db, user_ids[0], "batch"), enqueue(db, user_ids[1], "batch")
    assert claim(db) == yielding

    db.execute("select from app.yield_job(%s, 1)", [yielding])

    assert [claim(db), claim(db)] == [other, yielding]
    attempts = "select attempt, last_attempt - attempt from app.jobs where id = %s"
    assert db.execute(attempts, [yielding]).fetchone() == (2, 2)
    assert db.execute("select from app.yield_job(%s, 1)", [yielding]).fetchone() is None, "an older attempt"


def test_deferred_job_waits_for_its_time_and_loses_no_attempt(db: Db) -> None:
    job = enqueue(db)
    assert claim(db) == job
    db.execute("select from app.report_progress(%s, 1, 40, 'sent')", [job])

    db.execute("select from app.defer_job(%s, 1, now() + interval '1 hour', 'waits')", [job])

    waiting = "select status, progress, message, last_attempt - attempt from app.jobs where id = %s"
    assert db.execute(waiting, [job]).fetchone() == ("queued", 40, "waits", 3)
    assert claim(db) is None
    assert db.execute("select from app.defer_job(%s, 1, now(), '')", [job]).fetchone() is None, "an older attempt"
    db.execute("update app.jobs set run_at = now() where id = %s", [job])
    assert claim(db) == job
    assert one(db, "select progress from app.jobs where id = %s", job) == 40, "it goes on"


@pytest.mark.parametrize("is_running", [False, True])
def test_job_is_settled_from_outside_once(db: Db, is_running: bool) -> None:
    job = enqueue(db)
    if is_running:
        assert claim(db) == job
    advance = "select progress from app.advance_job(%s, %s, 'half')"
    assert [one(db, advance, job, progress) for progress in (50, 20)] == [50, 50], "progress never falls"

    db.execute("select from app.settle_job(%s, '{\"score\": 1}', null)", [job])

    ended = "select status, progress, result, error from app.jobs where id = %s"
    assert db.execute(ended, [job]).fetchone() == ("completed", 100, {"score": 1}, None)
    assert db.execute("select from app.settle_job(%s, null, 'late')", [job]).fetchone() is None
    assert db.execute(advance, [job, 60]).fetchone() is None
    assert db.execute("select from app.finish_job(%s, 1, '{}', null, false)", [job]).fetchone() is None


@pytest.fixture
def start(settings: Settings, tmp_path: Path) -> Iterator[Callable[[str], KoodtxProcess]]:
    """Starts a worker of some lanes that also knows the task `wait`."""
    workers: list[KoodtxProcess] = []

    def start(lanes: str) -> KoodtxProcess:
        workers.append(SlowWorkerProcess(settings, tmp_path / "worker.log", lanes))
        return workers[-1]

    yield start
    for worker in workers:
        # A stop would wait for the job of an hour as long as it may.
        worker.kill()


def workers_alive(db: Db) -> int:
    return int(one(db, "select count(*) from app.workers"))


def start_wait(db: Db, seconds: int) -> UUID:
    """A batch job that lasts so long."""
    arguments = f'{{"seconds": {seconds}}}'
    job: UUID = one(db, "select app.enqueue_job('wait', 'batch', %s)", arguments)
    wait_until(lambda: status(db, job) == "running", 30)
    return job


def ask(client: Client, headers: Headers) -> UUID:
    question = {"kind": "calculate_session_metrics", "session_id": "session-1"}
    return UUID(client.post("/api/v1/analysis", json=question, headers=headers).json()["job_id"])


def test_interactive_job_starts_within_a_second_while_a_batch_job_of_an_hour_runs(
    client: Client, auth_headers: Headers, recording_session: Any, db: Db, start: Callable[[str], KoodtxProcess]
) -> None:
    start("interactive,batch")
    start("interactive")
    wait_until(lambda: workers_alive(db) == 2, 60)
    hour = start_wait(db, 3600)

    job = ask(client, auth_headers)
    wait_until(lambda: status(db, job) == "completed", 30)

    assert one(db, "select extract(epoch from started_at - created_at) from app.jobs where id = %s", job) < 1
    assert db.execute("select status, attempt from app.jobs where id = %s", [hour]).fetchone() == ("running", 1)


def test_batch_job_makes_way_when_there_is_one_worker_only(
    client: Client, auth_headers: Headers, recording_session: Any, db: Db, start: Callable[[str], KoodtxProcess]
) -> None:
    start("interactive,batch")
    hour = start_wait(db, 3600)
    time.sleep(2)
    attempt = "select attempt from app.jobs where id = %s"
    assert one(db, attempt, hour) == 1, "nobody waits: it goes on"

    job = ask(client, auth_headers)
    wait_until(lambda: status(db, job) == "completed", 30)
    wait_until(lambda: one(db, attempt, hour) == 2 and status(db, hour) == "running", 30)

    left = "select last_attempt - attempt from app.jobs where id = %s"
    assert one(db, left, hour) == 2, "it has used up no attempt but the present one"
    # One slice, and not the two seconds after which a worker looks by itself.
    assert one(db, "select extract(epoch from started_at - created_at) from app.jobs where id = %s", job) < 2


def test_unknown_task_is_left_for_a_worker_that_knows_it_and_reported(
    db: Db, start_worker: StartWorker, start: Callable[[str], KoodtxProcess]
) -> None:
    job = one(db, "select app.enqueue_job('wait', 'batch', '{\"seconds\": 0}')")
    db.execute("update app.jobs set run_at = run_at - interval '61 seconds'")
    start_worker()
    state = "select status, attempt, message from app.jobs"
    wait_until(lambda: db.execute(state).fetchone() == ("queued", 0, "no worker knows this task"), 60)

    start("interactive,batch")

    wait_until(lambda: status(db, job) == "completed", 60)


def test_wrong_argument_fails_at_once_with_its_name(db: Db, start_worker: StartWorker) -> None:
    db.execute("select app.enqueue_job('cleanup_old_sensor_data', 'batch', '{\"dayz\": 30}')")
    start_worker()

    wait_until(lambda: one(db, "select status from app.jobs") == "failed", 60)

    attempt, error = db.execute("select attempt, error from app.jobs").fetchone() or (0, "")
    assert (attempt, error.partition(";")[0]) == (1, "cleanup_old_sensor_data: there is no argument dayz")


def test_worker_refuses_a_lane_that_does_not_exist(settings: Settings, tmp_path: Path) -> None:
    worker = WorkerProcess(settings, tmp_path / "worker.log", "--lanes", "fast")

    assert worker.process.wait(30) == 2
    assert "KOODTX_WORKER_LANES must name some of interactive, batch" in (tmp_path / "worker.log").read_text()
