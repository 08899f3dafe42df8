"""docs/schedules.md: its commands are pasted, its answers compared with those of the service."""

import json
import re
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from koodtx.schedules.messages import BatchStatus, Frequency, NewSchedule
from koodtx.settings import Settings
from tests.docs.pages import blocks, read, rows
from tests.docs.shell import paste
from tests.support.aliases import Db
from tests.support.databases import value
from tests.support.processes import WorkerProcess
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.integration, pytest.mark.api, pytest.mark.tasks]

_PAGE = "docs/schedules.md"
_MARK = "next block"
# What differs at each run; whether it is null does not.
_VOLATILE = {"id", "schedule_id", "run_id", "next_run_at", "requested_at", "started_at", "finished_at"}


def test_every_command_works_and_is_answered_as_written(
    url: str, worker: WorkerProcess, settings: Settings, db: Db, tmp_path: Path
) -> None:
    log_in, *calls = (
        text.replace("localhost:5000", url.removeprefix("http://"))
        for language, text in blocks(read(_PAGE))
        if language == "sh"
    )
    *calls, delete, command_line = calls

    done = paste(f"\necho; echo '{_MARK}'\n".join([log_in, *calls]), settings, tmp_path)
    assert done.returncode == 0, done.stderr
    _, created, _, listed, edited, switched_off, started, for_a_user, _, sync = done.stdout.split(f"\n{_MARK}\n")
    written = [text for language, text in blocks(read(_PAGE)) if language == "json"]
    *answers, run, synced = written
    replies = (created, edited, switched_off, started, for_a_user, sync)
    for answer, reply in zip([*answers, synced], replies, strict=True):
        assert _constant(json.loads(reply)) == _constant(json.loads(answer))
    assert "밤 정리" in created
    assert json.loads(created)["name"] in [schedule["name"] for schedule in json.loads(listed)["schedules"]]

    wait_until(lambda: value(db, "select count(*) from app.jobs where finished_at is null") == 0, 60)
    log_in_again, look_up, show_status = log_in.partition("\n")[2], calls[1], calls[7]
    again = paste(log_in_again + show_status, settings, tmp_path)
    status = msgspec.json.decode(again.stdout, type=BatchStatus)
    shown = {str(one.run_id): one for one in status.runs}[json.loads(started)["run_id"]]
    assert _constant(msgspec.to_builtins(shown)) == _constant(json.loads(run))
    assert len(status.workers) == 1

    ended = paste("\n".join([log_in_again, look_up, delete, command_line]), settings, tmp_path)
    assert (ended.returncode, ended.stderr) == (0, "")
    names = {name for (name,) in db.execute("select name from app.schedules").fetchall()}
    assert names == {schedule["name"] for schedule in json.loads(listed)["schedules"]} - {"밤 정리"}


@pytest.mark.unit
def test_fields_and_frequencies_are_those_of_the_api() -> None:
    documented = {name: row[1].strip("`") for row in rows(read(_PAGE)) for name in re.findall(r"`(\w+)`", row[0])}
    fields = {field.name: field for field in msgspec.structs.fields(NewSchedule)}
    assert set(documented) == set(fields)
    assert {name for name, default in documented.items() if default == "required"} == {
        name for name, field in fields.items() if field.required
    }
    (frequency,) = (row[2] for row in rows(read(_PAGE)) if row[0] == "`frequency`")
    assert re.findall(r"`(\w+)`", frequency) == list(get_args(Frequency))


def _constant(value: Any) -> Any:
    return {name: item is None if name in _VOLATILE else item for name, item in value.items()}
