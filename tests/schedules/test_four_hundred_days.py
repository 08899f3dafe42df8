"""Four hundred days in which clocks are set and schedulers are killed: each scheduled run is started exactly once."""

import random
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from uuid import UUID

import msgspec
import pytest

from koodtx.schedules.scheduler import job_of
from koodtx.schedules.store import ScheduledRun
from koodtx.settings import Settings
from tests.oracles.scheduled_times import times_between
from tests.support.aliases import Client, Db
from tests.support.clock import SharedClock
from tests.support.databases import value
from tests.support.processes import KoodtxProcess
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.faults, pytest.mark.tasks, pytest.mark.integration]

# Samoa left out 30 December 2011; in the Azores and in Cuba clocks are set forward at midnight, which does not exist
# then, and in Cuba set back to it.
_FIRST = datetime(2011, 9, 1, 12, tzinfo=UTC)
_DAYS = 400
_ZONES = (
    "Asia/Seoul", "Europe/Berlin", "America/New_York", "Atlantic/Azores", "America/Havana", "Pacific/Apia",
)  # fmt: skip
_RULES = (("daily", 2, 30), ("daily", 0, 0), ("weekly", 0, 30), ("monthly", 3, 5))
_KILLS = 16
_KILLED_WITHIN_S = 0.03
_STARTED_WITHIN_S = 60

Name = str
Times = dict[Name, list[datetime]]


class Schedulers:
    """Two, of which one or both are killed at a time, and started again."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self._settings = msgspec.structs.replace(settings, log_level="warning")
        self._folder = folder
        self._running = [self._start(number) for number in (1, 2)]

    def _start(self, number: int) -> KoodtxProcess:
        return KoodtxProcess(self._settings, self._folder / f"scheduler{number}.log", "scheduler")

    def kill(self, numbers: list[int]) -> None:
        for number in numbers:
            self._running[number - 1].kill()
            self._running[number - 1] = self._start(number)

    def stop(self) -> None:
        for process in self._running:
            process.stop()


@pytest.fixture
def clock(db: Db) -> SharedClock:
    return SharedClock(db)


@pytest.fixture
def schedulers(settings: Settings, tmp_path: Path) -> Iterator[Schedulers]:
    schedulers = Schedulers(settings, tmp_path)
    yield schedulers
    schedulers.stop()


@pytest.fixture
def expected(client: Client, admin: dict[str, str], db: Db, clock: SharedClock) -> Times:
    """When each schedule is to run, by Python's time zones; made by HTTP on the first day."""
    db.execute("delete from app.schedules")
    clock.set(_FIRST)
    last = _FIRST + timedelta(days=_DAYS)
    found: Times = {}
    for zone, (frequency, hour, minute) in product(_ZONES, _RULES):
        name = f"{zone} {frequency} {hour:02}:{minute:02}"
        rule = {"name": name, "frequency": frequency, "hour": hour, "minute": minute, "timezone": zone}
        reply = client.post("/api/batch/schedule/", json=rule | {"task": "generate_cleanup_report"}, headers=admin)
        assert reply.status_code == 201, reply.text
        times = times_between(frequency, hour, minute, zone, _FIRST - timedelta(days=1), last)
        # Schedules are made, and each moment of the test comes, within minutes after the round time.
        found[name] = sorted(at for at in times if _FIRST < at <= last)
    return found


def moments(expected: Times) -> list[datetime]:
    """As few as possible, so that between two of them no schedule has two times: of several missed ones, only the
    latest is caught up.
    """
    found = [_FIRST]
    last = max(at for times in expected.values() for at in times)
    while found[-1] < last:
        later = [[at for at in times if at > found[-1]][:2] for times in expected.values()]
        limit = min((times[1] for times in later if len(times) == 2), default=last + timedelta(minutes=1))
        found.append(limit - timedelta(minutes=1))
    return found[1:]


def started(db: Db) -> list[tuple[Name, datetime, UUID]]:
    query = (
        "select s.name, r.scheduled_at, r.job_id from app.scheduled_runs as r"
        " join app.schedules as s on s.id = r.schedule_id"
    )
    return db.execute(query).fetchall()


def test_each_run_is_started_exactly_once(
    client: Client, admin: dict[str, str], db: Db, clock: SharedClock, expected: Times, schedulers: Schedulers
) -> None:
    chance = random.Random(20111230)
    steps = moments(expected)
    kills = set(chance.sample(range(len(steps)), _KILLS))
    began = time.monotonic()

    for number, moment in enumerate(steps):
        clock.set(moment)
        client.post("/api/batch/sync/", headers=admin)
        if number in kills:
            # In the middle of the runs that it starts.
            time.sleep(chance.random() * _KILLED_WITHIN_S)
            schedulers.kill(chance.choice([[1], [2], [1, 2]]))
        wait_until(lambda: value(db, "select count(*) from app.due_runs()") == 0, _STARTED_WITHIN_S, str(moment))
        latest = value(db, "select max(scheduled_at) from app.scheduled_runs")
        assert latest is None or latest <= value(db, "select app.now()")

    runs = started(db)
    print(f"{len(runs)} runs at {len(steps)} moments, {_KILLS} kills, {time.monotonic() - began:.0f} s")
    by_name = defaultdict(list)
    for name, scheduled_at, _ in runs:
        by_name[name].append(scheduled_at)
    assert {name: sorted(times) for name, times in by_name.items()} == expected
    assert len(runs) > len(_ZONES) * 2 * (_DAYS - 1)
    # Each with one job, of the id that every scheduler computes.
    ids = dict(db.execute("select name, id from app.schedules").fetchall())
    jobs = {job_id for (job_id,) in db.execute("select id from app.jobs")}
    assert {job_id for *_, job_id in runs} == jobs
    assert len(jobs) == len(runs)
    for name, scheduled_at, job_id in runs:
        assert job_id == job_of(ScheduledRun(ids[name], name, "generate_cleanup_report", {}, scheduled_at))
