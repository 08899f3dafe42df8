"""Who has a job: leases, attempts, and what the fencing token keeps out."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from uuid import UUID, uuid4

import psycopg
import pytest

from koodtx.database.query import Connection
from koodtx.jobs import store
from koodtx.jobs.messages import LANES, Job

pytestmark = [pytest.mark.tasks, pytest.mark.integration]

Result = TypeVar("Result")
Run = Callable[[Callable[[Connection], Awaitable[Result]]], Result]
NEW = store.NewJob("calculate_session_metrics", "interactive", 3, {"recording_id": 1})


@pytest.fixture
def run(database_url: str) -> Run[Any]:
    """Runs a coroutine with a connection to the test's database."""

    def run(call: Callable[[Connection], Awaitable[Any]]) -> Any:
        async def main() -> Any:
            async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
                return await call(connection)

        return asyncio.run(main())

    return run


@pytest.fixture
def job(run: Run[UUID]) -> UUID:
    """A job that is due."""
    return run(lambda connection: store.enqueue(connection, NEW, store.Subject()))


def claim(run: Run[Any]) -> Job | None:
    claimed: Job | None = run(lambda connection: store.claim_job(connection, [NEW.task], LANES))
    return claimed


def end_leases(db: psycopg.Connection[Any]) -> None:
    db.execute("update app.jobs set lease_until = now() - interval '1 second'")


def test_claim_gives_a_job_to_one_worker_only(run: Run[Any], job: UUID) -> None:
    first, second = claim(run), claim(run)

    assert (first and first.id, first and first.status, first and first.attempt) == (job, "running", 1)
    assert second is None


def test_claim_leaves_a_job_of_later_alone(run: Run[Any], db: psycopg.Connection[Any], job: UUID) -> None:
    db.execute("update app.jobs set run_at = now() + interval '1 hour'")

    assert claim(run) is None


def test_claim_takes_what_a_dead_worker_left(run: Run[Any], db: psycopg.Connection[Any], job: UUID) -> None:
    claim(run)
    end_leases(db)

    again = claim(run)

    assert again is not None
    assert (again.id, again.attempt) == (job, 2)


def test_claim_gives_up_a_job_whose_workers_keep_dying(run: Run[Any], db: psycopg.Connection[Any], job: UUID) -> None:
    for _ in range(3):
        claim(run)
        end_leases(db)

    assert claim(run) is None
    ended = run(lambda connection: store.get_job(connection, job))
    assert (ended.status, ended.error) == ("failed", "the worker died 3 times")


def test_finish_of_an_older_attempt_writes_nothing(run: Run[Any], db: psycopg.Connection[Any], job: UUID) -> None:
    claim(run)
    end_leases(db)
    claim(run)

    late = run(lambda connection: store.finish_job(connection, job, 1, result={"from": "the dead"}))
    in_time = run(lambda connection: store.finish_job(connection, job, 2, result={"from": "the living"}))

    assert late is None
    assert in_time.result == {"from": "the living"}


def test_renewed_lease_keeps_the_job(run: Run[Any], db: psycopg.Connection[Any], job: UUID) -> None:
    claim(run)
    end_leases(db)

    held = run(lambda connection: store.renew_leases(connection, [(job, 1), (uuid4(), 1)]))

    assert held == {job}
    assert claim(run) is None


def test_error_that_may_pass_is_tried_again_later(run: Run[Any], db: psycopg.Connection[Any], job: UUID) -> None:
    claim(run)

    failed = run(lambda connection: store.finish_job(connection, job, 1, error="the database was away"))

    assert failed.status == "queued"
    assert claim(run) is None, "not at once"
    db.execute("update app.jobs set run_at = now()")
    again = claim(run)
    assert again is not None
    assert again.attempt == 2


def test_final_error_is_not_tried_again(run: Run[Any], job: UUID) -> None:
    claim(run)

    failed = run(lambda connection: store.finish_job(connection, job, 1, error="no such session", is_final=True))

    assert (failed.status, failed.error) == ("failed", "no such session")


def test_cancelled_job_takes_no_result(run: Run[Any], job: UUID) -> None:
    claim(run)
    run(lambda connection: store.cancel_job(connection, job))

    assert run(lambda connection: store.report_progress(connection, job, 1, 50, "half")) is None
    assert run(lambda connection: store.finish_job(connection, job, 1, result={})) is None
    assert run(lambda connection: store.get_job(connection, job)).status == "cancelled"


def test_retried_job_does_not_count_an_attempt_of_before(run: Run[Any], job: UUID) -> None:
    claim(run)
    run(lambda connection: store.cancel_job(connection, job))
    run(lambda connection: store.retry_job(connection, job))

    again = claim(run)

    assert again is not None
    assert again.attempt == 2
    assert run(lambda connection: store.finish_job(connection, job, 1, result={})) is None


def test_enqueue_of_the_same_id_is_one_job(run: Run[Any], db: psycopg.Connection[Any]) -> None:
    job_id = uuid4()
    for _ in range(2):
        run(lambda connection: store.enqueue(connection, NEW._replace(job_id=job_id), store.Subject()))

    assert db.execute("select count(*) from app.jobs").fetchone() == (1,)
