"""Forty days of recordings, cleaned up at thirty: every number of every rollup stays that of the readings."""

from collections.abc import Callable

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.maintenance.phones import DAY_MS, FIRST_MS, HOUR_MS, Phones, gps
from tests.support.aliases import Db, Document, RunTask
from tests.support.clock import Clock
from tests.support.databases import stored

pytestmark = [pytest.mark.integration, pytest.mark.tasks, pytest.mark.long]

_TASK = "cleanup_old_sensor_data"


@pytest.fixture
def phones(client: TestClient[Litestar], db: Db, create_user: Callable[..., Document], clock: Clock) -> Phones:
    return Phones(client, db, [create_user("one"), create_user("two", device_id="other phone")], clock)


def clean_up(phones: Phones, run_task: RunTask, names: set[str]) -> None:
    """Those sessions and no others are archived, as the dry run and the run log report."""
    foreseen = run_task(_TASK, dry_run=True)
    before, size = stored(phones.db), phones.bytes_stored()
    run = run_task(_TASK)

    gone = {name: phones[name].model.archive() for name in names}
    assert (run.status, run.session_count, run.rows_freed) == ("completed", len(names), sum(gone.values()))
    assert (foreseen.session_count, foreseen.rows_freed) == (run.session_count, run.rows_freed)
    assert run.bytes_freed == pytest.approx(size * run.rows_freed / sum(before.values()), rel=0.2)
    log = phones.db.execute(
        "select task, status, session_count, rows_freed, bytes_freed, error from app.maintenance_runs where id = %s",
        [run.id],
    ).fetchone()
    assert log == (_TASK, "completed", len(names), sum(gone.values()), run.bytes_freed, None)
    assert stored(phones.db) == {name: count - gone.get(name, 0) for name, count in before.items()}
    assert phones.bytes_stored() < size


def test_every_number_stays_that_of_the_readings(phones: Phones, run_task: RunTask) -> None:
    for night in range(5, 45, 5):
        phones.clock.move(5)
        for day in range(night - 5, night):
            phones.record_day(day)
    # One reading alone, of which there is no rate, deviation or distance.
    phones.push("alone", [gps(9 * DAY_MS + 5 * HOUR_MS, speed=2.5)])
    phones.check()
    phones.compress()

    phones.clock.move(1 / 24)
    old = {name for name in phones.ids if name != "other 9" and name != "alone" and int(name.split()[1]) < 10}
    assert len(old) == 13
    clean_up(phones, run_task, old)
    phones.check()

    # Into days that were cleaned up: of another session, of the same session, and of another day of that session.
    late = phones.walk(FIRST_MS + 4 * DAY_MS + 7 * HOUR_MS, 100)
    assert phones.push_late("late", late)["inserted"] == len(late)
    archived = gps(4 * DAY_MS + 23 * HOUR_MS, speed=1.0)
    reply = phones.push_late("day 4", [archived, gps(6 * DAY_MS, speed=1.5), gps(6 * DAY_MS + 900, speed=2.5)])
    assert ([item["code"] for item in reply["rejected"]], reply["inserted"]) == (["archived"], 2)
    phones.record_day(40)
    phones.check()

    # One that was archived; one that was not, of which aggregates still have rows.
    phones.delete("day 2")
    phones.delete("day 30")
    phones.check()

    # What came late is old in its turn.
    phones.compress()
    phones.clock.move(31)
    clean_up(phones, run_task, {name for name, count in stored(phones.db).items() if count and name != "other 9"})
    phones.check()
