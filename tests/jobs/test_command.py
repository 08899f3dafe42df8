"""`koodtx jobs`, as an operator types it."""

import subprocess
import sys

import pytest

from koodtx.settings import Settings
from tests.support.aliases import Db
from tests.support.processes import environment

pytestmark = [pytest.mark.tasks, pytest.mark.integration]


def koodtx(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "koodtx", "jobs", *arguments],
        env=environment(settings),
        capture_output=True,
        text=True,
        timeout=60,
    )


def count(db: Db) -> int:
    return (db.execute("select count(*) from app.jobs").fetchone() or (0,))[0]


def test_job_is_started_listed_shown_cancelled_and_retried(settings: Settings, db: Db) -> None:
    started = koodtx(settings, "start", "detect_anomalies", "recording_id=7", "mode=robust", "--in", "3600")
    job = started.stdout.strip()
    assert db.execute(
        "select task, arguments, status, run_at - created_at > interval '59 minutes' from app.jobs where id = %s", [job]
    ).fetchone() == (
        "detect_anomalies",
        {"recording_id": 7, "sensitivity": 3, "mode": "robust", "window_s": 60},
        "queued",
        True,
    )

    assert job in koodtx(settings, "list", "--status", "queued").stdout
    assert job not in koodtx(settings, "list", "--status", "failed").stdout
    assert "detect_anomalies" in koodtx(settings, "show", job).stdout

    assert koodtx(settings, "cancel", job).stdout == f"{job} is cancelled\n"
    again = koodtx(settings, "cancel", job)
    assert (again.returncode, again.stderr) == (2, "koodtx: no such job, or its state does not allow this\n")
    assert koodtx(settings, "retry", job).stdout == f"{job} is queued\n"


def test_job_is_started_at_a_time(settings: Settings, db: Db) -> None:
    koodtx(settings, "start", "calculate_session_metrics", "recording_id=7", "--at", "2099-01-02T03:04:05+09:00")

    assert db.execute("select run_at = '2099-01-01 18:04:05+00' from app.jobs").fetchone() == (True,)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["detect_everything"], "there is no task detect_everything"),
        (["detect_anomalies"], "detect_anomalies: the argument recording_id is missing"),
        (["detect_anomalies", "recording_id=7", "colour=red"], "detect_anomalies: there is no argument colour"),
        (["detect_anomalies", "recording_id=7", "attempt=1"], "detect_anomalies: there is no argument attempt"),
        (["detect_anomalies", "recording_id=seven"], "recording_id: Expected `integer`, got `string`"),
        (["detect_anomalies", "session_id"], "an argument must be NAME=VALUE"),
        (["detect_anomalies", "recording_id=7", "--at", "tomorrow"], "run_at"),
        (["detect_anomalies", "recording_id=7", "--at", "2099-01-01T00:00:00"], "run_at has no time zone"),
        (["detect_anomalies", "recording_id=7", "--in", "nan"], "run_at or delay"),
    ],
)
def test_wrong_start_is_refused_and_queues_nothing(
    settings: Settings, db: Db, arguments: list[str], complaint: str
) -> None:
    done = koodtx(settings, "start", *arguments)

    assert done.returncode == 2, done.stderr
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr
    assert count(db) == 0
