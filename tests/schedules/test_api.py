"""/api/batch: schedules by HTTP."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from koodtx.jobs.task import TASKS
from tests.oracles.scheduled_times import next_scheduled_at
from tests.support.aliases import Client, Db, Document
from tests.support.clock import Clock
from tests.support.databases import value

pytestmark = [pytest.mark.api, pytest.mark.tasks]

URL = "/api/batch/schedule/"
NIGHTLY: Document = {
    "name": "밤마다 정리 🌙",
    "task": "cleanup_old_sensor_data",
    "frequency": "daily",
    "hour": 3,
    "minute": 30,
    "timezone": "Asia/Seoul",
    "args": {"days": 60},
    "is_active": True,
}


def create(client: Client, admin: dict[str, str], **fields: Any) -> Document:
    reply = client.post(URL, json=NIGHTLY | fields, headers=admin)
    assert reply.status_code == 201, reply.text
    made: Document = reply.json()
    return made


def listed(client: Client, admin: dict[str, str], name: str = NIGHTLY["name"]) -> Document:
    found = client.get(URL, headers=admin).json()["schedules"]
    (schedule,) = (one for one in found if one["name"] == name)
    return dict(schedule)


def field_of(reply: Any, status: int = 422) -> str:
    """The field that the error names."""
    assert reply.status_code == status, reply.text
    (error,) = reply.json()["errors"]
    return str(error["field"])


def test_schedule_is_created_listed_edited_and_deleted(client: Client, admin: dict[str, str]) -> None:
    made = create(client, admin)
    assert {name: made[name] for name in NIGHTLY} == NIGHTLY
    assert (made["due_at"], made["last_run"]) == (None, None)
    assert listed(client, admin) == made

    edited = client.put(f"{URL}{made['id']}/", json={"hour": 23, "args": {"days": 30}}, headers=admin)
    assert edited.status_code == 200
    assert edited.json() | {"next_run_at": None} == made | {"hour": 23, "args": {"days": 30}, "next_run_at": None}
    assert listed(client, admin) == edited.json()

    assert client.delete(f"{URL}{made['id']}/", headers=admin).status_code == 204
    assert NIGHTLY["name"] not in client.get(URL, headers=admin).text
    assert client.delete(f"{URL}{made['id']}/", headers=admin).status_code == 404
    assert client.put(f"{URL}{made['id']}/", json={"hour": 1}, headers=admin).status_code == 404


def test_what_is_left_out_has_defaults(client: Client, admin: dict[str, str]) -> None:
    reply = client.post(
        URL, json={"name": "new", "task": "store_rollups", "frequency": "monthly", "timezone": None}, headers=admin
    )
    assert reply.status_code == 201
    fields = ("hour", "minute", "timezone", "args", "is_active")
    assert [reply.json()[name] for name in fields] == [0, 0, "UTC", {}, True]


@pytest.mark.parametrize("frequency", ["hourly", "daily", "weekly", "monthly"])
@pytest.mark.parametrize("zone", ["Asia/Seoul", "America/Havana", "Asia/Kathmandu"])
def test_next_run_is_at_the_local_time(client: Client, admin: dict[str, str], frequency: str, zone: str) -> None:
    before = datetime.now(UTC)
    made = create(client, admin, frequency=frequency, timezone=zone)
    expected = {next_scheduled_at(frequency, 3, 30, zone, now) for now in (before, datetime.now(UTC))}
    assert datetime.fromisoformat(made["next_run_at"]) in expected


@pytest.mark.parametrize("slash", ["", "/"])
def test_slash_at_the_end_of_a_path_is_optional(client: Client, admin: dict[str, str], slash: str) -> None:
    made = client.post(f"/api/batch/schedule{slash}", json=NIGHTLY, headers=admin)
    assert made.status_code == 201
    path = f"/api/batch/schedule/{made.json()['id']}{slash}"
    assert client.get(f"/api/batch/schedule{slash}", headers=admin).status_code == 200
    assert client.put(path, json={"minute": 1}, headers=admin).status_code == 200
    assert client.delete(path, headers=admin).status_code == 204
    assert client.post(f"/api/batch/run{slash}", json={"task": "store_rollups"}, headers=admin).status_code == 202
    assert client.get(f"/api/batch/status{slash}", headers=admin).status_code == 200
    assert client.post(f"/api/batch/sync{slash}", headers=admin).status_code == 200


def test_id_may_be_in_the_query_or_the_body(client: Client, admin: dict[str, str]) -> None:
    first, second, third = (create(client, admin, name=name)["id"] for name in ("first", "second", "third"))

    assert client.put(f"{URL}?id={first}", json={"hour": 7}, headers=admin).json()["hour"] == 7
    assert client.put(URL, json={"id": second, "hour": 8}, headers=admin).json()["hour"] == 8
    assert client.put(f"{URL}{third}", json={"id": third, "hour": 9}, headers=admin).json()["hour"] == 9
    assert [listed(client, admin, name)["hour"] for name in ("first", "second", "third")] == [7, 8, 9]

    assert field_of(client.put(URL, json={"hour": 1}, headers=admin)) == "id"
    assert field_of(client.delete(URL, headers=admin)) == "id"
    assert field_of(client.put(f"{URL}?id={first}", json={"id": second}, headers=admin)) == "id"
    assert field_of(client.put(f"{URL}{first}", json={"id": second}, headers=admin)) == "id"
    assert field_of(client.request("DELETE", f"{URL}?id={first}", json={"id": second}, headers=admin)) == "id"
    assert field_of(client.delete(f"{URL}?id=0", headers=admin)) == "id"

    assert client.delete(f"{URL}?id={first}", headers=admin).status_code == 204
    assert client.request("DELETE", URL, json={"id": second}, headers=admin).status_code == 204
    assert client.request("DELETE", URL, json={"id": second}, headers=admin).status_code == 404
    assert client.put(URL, json={"id": second}, headers=admin).status_code == 404
    assert listed(client, admin, "third")["id"] == third


WRONG = {
    "no such task": ({"task": "make_coffee"}, "task"),
    "task that is a number": ({"task": 1}, "task"),
    "unknown argument": ({"args": {"dayz": 1}}, "args.dayz"),
    "argument of another type": ({"args": {"days": "sixty"}}, "args.days"),
    "argument out of range": ({"args": {"days": 0}}, "args.days"),
    "arguments that are a list": ({"args": [1]}, "args"),
    "missing argument": ({"task": "detect_anomalies", "args": {}}, "args.recording_id"),
    "NUL in a list": (
        {"task": "export", "args": {"user_id": 1, "format": "csv", "session_ids": ["a\0"]}},
        "args.session_ids",
    ),
    "number that no row has": ({"task": "generate_statistics", "args": {"user_id": 2**63}}, "args.user_id"),
    "NUL in an argument": ({"task": "activity", "args": {"user_id": 1, "sensor": "a\0"}}, "args.sensor"),
    "no such zone": ({"timezone": "Asia/Pyongchang"}, "timezone"),
    "abbreviation that only PostgreSQL knows": ({"timezone": "KST"}, "timezone"),
    "no name": ({"name": ""}, "name"),
    "name with a line break": ({"name": "a\nb"}, "name"),
    "hour": ({"hour": 24}, "hour"),
    "hour as text": ({"hour": "3"}, "hour"),
    "minute": ({"minute": -1}, "minute"),
    "frequency": ({"frequency": "yearly"}, "frequency"),
    "is_active": ({"is_active": "yes"}, "is_active"),
    "unknown field": ({"cron": "* * * * *"}, "cron"),
}


@pytest.mark.parametrize(("wrong", "field"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_refused_by_the_name_of_its_field(
    client: Client, admin: dict[str, str], db: Db, wrong: Document, field: str
) -> None:
    made = create(client, admin)
    before = db.execute("select * from app.schedules order by id").fetchall()

    created = client.post(URL, json=NIGHTLY | {"name": "new"} | wrong, headers=admin)
    edited = client.put(f"{URL}{made['id']}", json=wrong, headers=admin)

    assert [field_of(reply) for reply in (created, edited)] == [field, field]
    assert db.execute("select * from app.schedules order by id").fetchall() == before


def test_name_belongs_to_one_schedule(client: Client, admin: dict[str, str]) -> None:
    create(client, admin)
    other = create(client, admin, name="other")

    again = client.post(URL, json=NIGHTLY, headers=admin)
    renamed = client.put(f"{URL}{other['id']}", json={"name": NIGHTLY["name"]}, headers=admin)

    for reply in (again, renamed):
        assert field_of(reply, 409) == "name"
        assert reply.json()["type"] == "urn:koodtx:problem:schedule-exists"
    assert client.put(f"{URL}{other['id']}", json={"name": "other"}, headers=admin).status_code == 200


def test_name_that_many_want_at_once_is_given_once(client: Client, admin: dict[str, str]) -> None:
    with ThreadPoolExecutor(8) as threads:
        replies = list(threads.map(lambda _: client.post(URL, json=NIGHTLY, headers=admin).status_code, range(16)))
    assert sorted(replies) == [201] + [409] * 15


def test_edits_at_once_leave_task_and_arguments_that_fit(client: Client, admin: dict[str, str], db: Db) -> None:
    """Each edit is right by itself; of an edit of the task and one of the arguments, only the first is."""
    path = f"{URL}{create(client, admin)['id']}"
    edits: list[Document] = [
        {"task": "cleanup_failed_sessions", "args": {"hours": 5}}, {"args": {"days": 5}}, {"args": {"hours": 6}},
        {"task": "cleanup_old_sync_logs", "args": {"days": 7}}, {"task": "optimize_database", "args": {}},
        {"hour": 5}, {"is_active": False}, {"name": "renamed"},
    ]  # fmt: skip
    with ThreadPoolExecutor(8) as threads:
        replies = list(threads.map(lambda edit: client.put(path, json=edit, headers=admin).status_code, edits * 6))

    assert set(replies) <= {200, 422}
    task, args = db.execute("select task, args from app.schedules where name = 'renamed'").fetchone() or ("", {})
    TASKS[task].checked(args)


def test_task_that_is_edited_must_fit_its_arguments(client: Client, admin: dict[str, str]) -> None:
    made = create(client, admin)
    task = {"task": "cleanup_failed_sessions"}
    assert field_of(client.put(f"{URL}{made['id']}", json=task, headers=admin)) == "args.days"
    edited = client.put(f"{URL}{made['id']}", json=task | {"args": {"hours": 48}}, headers=admin)
    assert (edited.status_code, edited.json()["args"]) == (200, {"hours": 48})


@pytest.mark.parametrize(
    "edit", [{"hour": 12}, {"minute": 31}, {"timezone": "UTC"}, {"frequency": "hourly"}, {"is_active": True}]
)
def test_edited_schedule_does_not_catch_up(
    client: Client, admin: dict[str, str], db: Db, clock: Clock, edit: Document
) -> None:
    db.execute("update app.schedules set is_active = false")
    made = create(client, admin)
    if "is_active" in edit:
        client.put(f"{URL}{made['id']}", json={"is_active": False}, headers=admin)
    clock.move(3)
    assert (listed(client, admin)["due_at"] is None) == ("is_active" in edit)

    edited = client.put(f"{URL}{made['id']}", json=edit, headers=admin).json()

    now = value(db, "select app.now()")
    assert edited["due_at"] is None
    assert now < datetime.fromisoformat(edited["next_run_at"]) < now + timedelta(days=1)
    assert value(db, "select count(*) from app.due_runs()") == 0


def test_edit_of_the_name_or_the_arguments_keeps_a_missed_run(
    client: Client, admin: dict[str, str], db: Db, clock: Clock
) -> None:
    db.execute("update app.schedules set is_active = false")
    made = create(client, admin)
    clock.move(3)
    due_at = listed(client, admin)["due_at"]

    same = {name: NIGHTLY[name] for name in ("frequency", "hour", "minute", "timezone", "is_active")}
    edited = client.put(f"{URL}{made['id']}", json=same | {"name": "다른 이름", "args": {}}, headers=admin).json()

    assert due_at is not None
    assert (edited["due_at"], edited["name"]) == (due_at, "다른 이름")


def test_switched_off_has_no_next_run(client: Client, admin: dict[str, str]) -> None:
    made = create(client, admin, is_active=False)
    assert made["next_run_at"] is None


def test_task_of_another_version_can_be_switched_off(client: Client, admin: dict[str, str], db: Db) -> None:
    db.execute("update app.schedules set task = 'of_another_version' where name = 'optimize-database'")
    schedule = listed(client, admin, "optimize-database")
    edited = client.put(f"{URL}{schedule['id']}", json={"is_active": False}, headers=admin)
    assert (edited.status_code, edited.json()["is_active"]) == (200, False)
    assert field_of(client.put(f"{URL}{schedule['id']}", json={"args": {}}, headers=admin)) == "task"
