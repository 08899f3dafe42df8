"""`koodtx schedules`, as an operator types it."""

import subprocess
import sys

import pytest

from koodtx.settings import Settings
from tests.support.aliases import Db
from tests.support.databases import value
from tests.support.processes import environment

pytestmark = [pytest.mark.tasks, pytest.mark.integration]


def koodtx(settings: Settings, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "koodtx", "schedules", *arguments],
        env=environment(settings),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_schedule_is_added_listed_run_and_removed(settings: Settings, db: Db) -> None:
    words = ("cleanup_old_sensor_data", "daily", "days=60", "--at", "03:30", "--timezone", "Asia/Seoul")
    added = koodtx(settings, "add", "밤 정리", *words)
    assert (added.returncode, added.stdout, added.stderr) == (0, "밤 정리 added\n", "")
    stored = "select frequency, hour, minute, timezone, args, is_active from app.schedules where name = '밤 정리'"
    assert db.execute(stored).fetchone() == ("daily", 3, 30, "Asia/Seoul", {"days": 60}, True)

    started = koodtx(settings, "run", "밤 정리", "dry_run=true")
    assert started.returncode == 0
    job = "select arguments, status from app.jobs where id = %s"
    assert db.execute(job, [started.stdout.strip()]).fetchone() == (
        {"days": 60, "dry_run": True, "confirm": False}, "queued",
    )  # fmt: skip

    (line,) = (line for line in koodtx(settings, "list").stdout.splitlines() if "밤 정리" in line)
    for part in ("cleanup_old_sensor_data(days=60)", "daily 03:30", "Asia/Seoul", "yes", "queued"):
        assert part in line
    next_run = "select to_char(next_run_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI') from app.list_schedules()"
    assert value(db, f"{next_run} where name = '밤 정리'") in line

    assert koodtx(settings, "remove", "밤 정리").stdout == "밤 정리 removed\n"
    assert "밤 정리" not in koodtx(settings, "list").stdout


def test_schedule_is_added_switched_off_and_run_for_a_user(settings: Settings, db: Db) -> None:
    db.execute(
        "insert into app.users (username, username_key, password_hash, timezone) values ('Mina', 'mina', 'x', 'UTC')"
    )
    words = ("add", "mina", "generate_statistics", "weekly", "user_id=1", "--inactive")
    assert koodtx(settings, *words).returncode == 0
    assert value(db, "select is_active from app.schedules where name = 'mina'") is False

    started = koodtx(settings, "run", "mina", "--date", "2025-10-09", "--user", "MINA")

    assert started.returncode == 0, started.stderr
    assert value(db, "select arguments from app.jobs where id = %s", started.stdout.strip()) == {
        "user_id": value(db, "select id from app.users"), "start_date": "2025-10-09", "end_date": "2025-10-09",
    }  # fmt: skip


def test_defaults_are_made_again(settings: Settings, db: Db) -> None:
    koodtx(settings, "remove", "cleanup-old-data")
    db.execute("update app.schedules set hour = 12 where name = 'optimize-database'")
    assert koodtx(settings, "init").stdout == "1 schedules created\n"
    assert value(db, "select hour from app.schedules where name = 'optimize-database'") == 12
    assert koodtx(settings, "init", "--force").stdout.endswith(" schedules created or reset\n")
    assert value(db, "select hour from app.schedules where name = 'optimize-database'") == 5


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["add", "new", "make_coffee", "daily"], "task is not a task; there are activity, "),
        (["add", "new", "store_rollups", "daily", "days=1"], "store_rollups: there is no argument days"),
        (["add", "new", "cleanup_old_sensor_data", "daily", "days=no"], "days: Expected `integer | null`"),
        (["add", "new", "store_rollups", "daily", "--at", "25:00"], "25:00: a time must be HH:MM"),
        (["add", "new", "store_rollups", "daily", "--timezone", "Mars"], "timezone is not a known IANA time zone"),
        (["add", "", "store_rollups", "daily"], "name: Expected `string` of length >= 1"),
        (["add", "cleanup-old-data", "store_rollups", "daily"], "There is another schedule of this name."),
        (["add", "new", "export", "daily", "user_id=1", "format=csv", r'session_ids=["a\u0000"]'], "NUL characters"),
        (["add", "\udcff", "store_rollups", "daily"], r"'\udcff' is not valid UTF-8"),
        (["add", "new", "rhythm", "daily", "user_id=1", "sensor=\udcff"], r"'\udcff' is not valid UTF-8"),
        (["remove", "\udcff"], r"'\udcff' is not valid UTF-8"),
        (["remove", "new"], "there is no schedule new"),
        (["run", "new"], "there is no schedule new"),
        (["run", "cleanup-old-data", "--date", "2025-10-09"], "date is not an argument of cleanup_old_sensor_data"),
        (["run", "cleanup-old-data", "--date", "today"], "date: Invalid"),
        (["run", "cleanup-old-data", "--user", "mina"], "username is not an argument of cleanup_old_sensor_data"),
    ],
)
def test_wrong_command_is_refused_and_changes_nothing(
    settings: Settings, db: Db, arguments: list[str], complaint: str
) -> None:
    before = db.execute("select * from app.schedules order by id").fetchall()

    done = koodtx(settings, *arguments)

    assert done.returncode == 2, done.stderr
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr
    assert db.execute("select * from app.schedules order by id").fetchall() == before
    assert value(db, "select count(*) from app.jobs") == 0
