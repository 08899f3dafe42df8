"""cleanup_webhook_deliveries: old messages go, those that are still to be sent stay."""

import pytest

from koodtx.maintenance.run import ConfirmationNeeded
from tests.support.aliases import Db, RunTask, User
from tests.support.databases import value

pytestmark = [pytest.mark.integration, pytest.mark.tasks]

_TASK = "cleanup_webhook_deliveries"


@pytest.fixture
def ages(db: Db, user: User) -> None:
    """Deliveries that have ended or wait, of several ages in days: each event is its state and age."""
    row = db.execute(
        "insert into app.webhooks (user_id, url, events, secret)"
        " values (%s, 'https://app.example.org', '{take.completed}', %s) returning webhook_id",
        [user["user"]["id"], bytes(32)],
    ).fetchone()
    assert row is not None
    for days in (0, 8, 29, 31, 38, 400):
        for state in ("waiting", "delivered", "failed"):
            db.execute(
                "insert into app.webhook_deliveries"
                " (webhook_id, event, body, created_at, status, next_attempt_at, delivered_at, last_error)"
                " values (%(id)s, %(event)s, '{}', now() - make_interval(days => %(days)s), %(state)s,"
                " case when %(state)s = 'waiting' then now() end, case when %(state)s = 'delivered' then now() end,"
                " case when %(state)s = 'failed' then 'no' end)",
                {"id": row[0], "event": f"{state} {days}", "days": days, "state": state},
            )


def left(db: Db) -> set[str]:
    return {row[0] for row in db.execute("select event from app.webhook_deliveries").fetchall()}


def kept(days: int) -> set[str]:
    return {
        f"{state} {age}"
        for age in (0, 8, 29, 31, 38, 400)
        for state in ("waiting", "delivered", "failed")
        if age < days + 7 * (state == "waiting")
    }


@pytest.mark.usefixtures("ages")
def test_old_ones_go_and_a_dry_run_reports_the_same(db: Db, run_task: RunTask) -> None:
    effects = "select days, task, is_applied, row_count, byte_count from app.retention_effects() where name = %s"
    foreseen = run_task(_TASK, dry_run=True)
    assert len(left(db)) == 18
    assert db.execute(effects, ["webhook-deliveries"]).fetchone() == (
        30, _TASK, True, foreseen.rows_freed, foreseen.bytes_freed,
    )  # fmt: skip
    did = run_task(_TASK)
    assert left(db) == kept(30)
    assert (foreseen.rows_freed, foreseen.bytes_freed) == (did.rows_freed, did.bytes_freed)
    assert did.rows_freed == 18 - len(kept(30))
    assert run_task(_TASK).rows_freed == 0


@pytest.mark.usefixtures("ages")
def test_fewer_days_need_a_confirmation(db: Db, run_task: RunTask) -> None:
    with pytest.raises(ConfirmationNeeded, match="younger than 7 days"):
        run_task(_TASK, days=2)
    assert len(left(db)) == 18
    run_task(_TASK, days=2, confirm=True)
    assert left(db) == kept(2)


def test_the_default_schedules_have_it(db: Db) -> None:
    db.execute("select app.init_schedules('UTC', true)")
    assert value(db, f"select frequency from app.schedules where task = '{_TASK}'") == "daily"
