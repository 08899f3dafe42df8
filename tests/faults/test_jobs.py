"""Workers, Redis and scheduler killed in the middle of two hundred jobs: none is lost, each has its effect once."""

import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from redis import Redis

from koodtx.embedded.choose import find_redis
from koodtx.embedded.redis import PrivateRedis
from koodtx.settings import Settings
from tests.faults import job_history
from tests.faults.process_info import arguments, children
from tests.support.aliases import Db
from tests.support.processes import KoodtxProcess, WorkerProcess
from tests.support.servers import server_folder
from tests.support.waiting import wait_until

pytestmark = [
    pytest.mark.faults,
    pytest.mark.tasks,
    pytest.mark.integration,
    pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc"),
]


JOBS = 200
RECOVERED_WITHIN_S = 60
# Processes start slowly on a machine that is busy.
READY_WITHIN_S = 60


@pytest.fixture
def redis() -> Iterator[PrivateRedis]:
    """Of this test's own, to be killed."""
    with server_folder() as folder, PrivateRedis(find_redis(print), folder / "redis") as server:
        yield server


@pytest.fixture
def redis_url(redis: PrivateRedis) -> str:
    return redis.url


class WorkerGroup:
    """The processes that run jobs; those that were killed are not counted among `workers`."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self._settings = settings
        self._log = folder / "processes.log"
        self._all: list[KoodtxProcess] = []
        self.workers: list[WorkerProcess] = []
        self.start_scheduler()

    def start(self, count: int) -> None:
        for _ in range(count):
            self.workers.append(WorkerProcess(self._settings, self._log))
            self._all.append(self.workers[-1])

    def kill(self, count: int) -> None:
        for _ in range(count):
            self.workers.pop(0).kill()

    def pause(self) -> WorkerProcess:
        """A worker that receives and sends nothing until SIGCONT."""
        worker = self.workers.pop(0)
        worker.signal(signal.SIGSTOP)
        return worker

    def start_scheduler(self) -> None:
        self.scheduler = KoodtxProcess(self._settings, self._log, "scheduler")
        self._all.append(self.scheduler)

    def stop(self) -> None:
        for process in self._all:
            if process.process.poll() is None:
                process.signal(signal.SIGCONT)
            process.stop()


@pytest.fixture
def group(settings: Settings, tmp_path: Path) -> Iterator[WorkerGroup]:
    group = WorkerGroup(settings, tmp_path)
    yield group
    group.stop()


class Questions:
    """Enqueues jobs, by HTTP and by SQL in turns; each is another one."""

    def __init__(self, client: TestClient[Litestar], headers: dict[str, str], db: Db) -> None:
        self._client = client
        self._headers = headers
        self._db = db
        self.asked = 0

    def ask(self, count: int) -> None:
        for _ in range(count):
            if self.asked % 2:
                self._ask_by_http()
            else:
                self._ask_by_sql()
            self.asked += 1

    def _ask_by_http(self) -> None:
        question = {"kind": "detect_anomalies", "session_id": "session-1", "sensitivity": 1 + self.asked / 100}
        reply = self._client.post("/api/v1/analysis", json=question, headers=self._headers)
        assert reply.status_code == 202, reply.text
        assert "reused" not in reply.json()

    def _ask_by_sql(self) -> None:
        self._db.execute("""
            insert into app.jobs (task, arguments)
            select 'calculate_session_metrics', jsonb_build_object('recording_id', id) from app.recording_sessions
        """)


@pytest.fixture
def questions(
    client: TestClient[Litestar], auth_headers: dict[str, str], recording_session: dict[str, Any], db: Db
) -> Questions:
    # The scheduler starts no jobs of its own: one that comes at the full hour would be counted.
    db.execute("update app.schedules set is_active = false")
    job_history.begin(db)
    return Questions(client, auth_headers, db)


@contextmanager
def midway(db: Db, group: WorkerGroup, questions: Questions) -> Iterator[None]:
    """While every worker of the group is in the middle of a job and cannot go on."""
    # Before the lock: a job does not wait for it without end.
    wait_until(lambda: all(is_ready(db, worker) for worker in group.workers), READY_WITHIN_S)
    with psycopg.connect(db.info.dsn, password=db.info.password) as blocker:
        blocker.execute("lock table app.sensor_data in access exclusive mode")
        questions.ask(JOBS // 8)
        wait_until(lambda: waiting(db) == len(group.workers), READY_WITHIN_S)
        yield


def is_ready(db: Db, worker: WorkerProcess) -> bool:
    """Whether the process that runs jobs has reported itself."""
    names = {name for (name,) in db.execute("select name from app.workers")}
    return any(f"{socket.gethostname()}:{pid}" in names for pid in children(worker.process.pid))


def waiting(db: Db) -> int:
    """How many jobs wait for the table of readings."""
    query = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    row = db.execute(query).fetchone()
    assert row is not None
    return int(row[0])


def is_done(db: Db) -> bool:
    return db.execute("select count(*) from app.jobs where status in ('queued', 'running')").fetchone() == (0,)


def kill_only_child(worker: WorkerProcess) -> None:
    """The process that runs jobs; the one that started it lives."""
    (child,) = (pid for pid in children(worker.process.pid) if "resource_tracker" not in arguments(pid))
    os.kill(child, signal.SIGKILL)


def test_no_job_is_lost_and_each_has_its_effect_once(
    questions: Questions, group: WorkerGroup, redis: PrivateRedis, db: Db
) -> None:
    assert redis.process is not None
    group.start(3)
    with midway(db, group, questions):
        kill_only_child(group.workers[-1])
        group.kill(1)
    questions.ask(JOBS // 8)
    group.start(1)
    with midway(db, group, questions):
        redis.process.kill()
        redis.process.wait()
        questions.ask(JOBS // 8)
        group.kill(1)
    redis.start()
    group.start(1)
    with midway(db, group, questions):
        group.scheduler.kill()
        with Redis.from_url(redis.url) as client:
            client.flushall()
        questions.ask(JOBS // 8)
    group.start_scheduler()
    with midway(db, group, questions):
        questions.ask(JOBS // 8)
        group.kill(2)
        paused = group.pause()
    group.start(3)

    recovered_s = wait_until(lambda: is_done(db), RECOVERED_WITHIN_S)
    # It still holds an attempt, which no longer counts: it must not write its result now.
    paused.signal(signal.SIGCONT)
    paused.stop()

    history = job_history.read(db)
    print(f"{len(history)} jobs, all done {recovered_s:.1f} s after the last fault")
    assert len(history) == questions.asked == JOBS
    for changes in history.values():
        job_history.check(changes)
        assert changes[-1].result["sensors"]["accelerometer"]["count"] == 100
    # The jobs of those that were killed or paused, and no others, started again.
    assert sum(changes[-1].attempt - 1 for changes in history.values()) == 2 + 1 + 3
