"""Records of the diary, one by one."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.support.aliases import Call, Client, CreateUser, Db

pytestmark = [pytest.mark.api, pytest.mark.sync]


def food(**fields: Any) -> dict[str, Any]:
    new = {"record_id": str(uuid4()), "record_type": "food", "at": "2026-03-02T12:30:00+09:00", "what": "비빔밥"}
    return new | fields


def exercise(**fields: Any) -> dict[str, Any]:
    new = {"record_id": str(uuid4()), "record_type": "exercise", "at": "2026-03-02T18:00:00Z", "activity": "걷기"}
    return new | fields


def test_food_is_read_back_as_it_was_written(ask: Call) -> None:
    new = food(energy_kcal=560.5, tags=["점심", "한식"])
    ask("POST", "/", json=new)
    record = ask("GET", f"/{new['record_id']}")
    expected = new | {"at": "2026-03-02T03:30:00Z", "from_session": None}
    assert {name: record[name] for name in expected} == expected
    assert (record["activity"], record["minutes"], record["session_id"]) == (None, None, None)


def test_a_time_may_be_epoch_milliseconds(ask: Call) -> None:
    assert ask("POST", "/", json=food(at=1760000000000.25))["at"] == "2025-10-09T08:53:20.000250Z"


def test_the_same_again_is_no_change_and_another_body_replaces(ask: Call) -> None:
    new = food(energy_kcal=560)
    first = ask("POST", "/", json=new)
    assert ask("POST", "/", json=new) == first
    changed = ask("POST", "/", json=food(record_id=new["record_id"], what="김밥"))
    assert (changed["what"], changed["energy_kcal"], changed["created_at"]) == ("김밥", None, first["created_at"])
    assert changed["updated_at"] > first["updated_at"]
    assert len(ask("GET", "/")["records"]) == 1


def test_an_edit_changes_what_it_names_and_nothing_else(ask: Call) -> None:
    new = food(energy_kcal=560, tags=["점심"])
    before = ask("POST", "/", json=new)
    after = ask("PATCH", f"/{new['record_id']}", json={"energy_kcal": None, "what": "국수"})
    assert after == before | {"energy_kcal": None, "what": "국수", "updated_at": after["updated_at"]}
    assert ask("GET", f"/{new['record_id']}") == after


def test_a_deleted_record_is_gone_and_its_id_never_comes_back(ask: Call) -> None:
    new = food()
    ask("POST", "/", json=new)
    ask("DELETE", f"/{new['record_id']}", status=204)
    ask("DELETE", f"/{new['record_id']}", status=204)
    ask("GET", f"/{new['record_id']}", status=404)
    ask("PATCH", f"/{new['record_id']}", json={"what": "x"}, status=404)
    assert ask("POST", "/", json=new, status=410)["type"] == "urn:koodtx:problem:record-deleted"
    assert ask("GET", "/")["records"] == []


def test_what_a_deleted_record_said_is_erased(ask: Call, db: Db) -> None:
    new = food(what="a secret", tags=["private"])
    ask("POST", "/", json=new)
    ask("DELETE", f"/{new['record_id']}", status=204)
    assert db.execute("select what, tags, at from app.diary_records").fetchall() == [(None, None, None)]


WRONG: list[tuple[dict[str, Any], str]] = [
    (food(energy_kcal=-1), "energy_kcal"),
    (food(energy_kcal=20_001), "energy_kcal"),
    (food(what=""), "what"),
    (food(what=None), "what"),
    (food(what="a\0b"), "what"),
    (food(tags=["t"] * 21), "tags"),
    (food(tags=[""]), "tags[0]"),
    (food(minutes=5), "minutes"),
    (food(at="yesterday"), "at"),
    (food(at="2026-03-02T12:30:00"), "at"),
    (food(at="1999-01-01T00:00:00Z"), "at"),
    (food(at=(datetime.now().astimezone() + timedelta(days=2)).isoformat()), "at"),
    (food(record_id="1"), "record_id"),
    (food(record_type="drink"), "record_type"),
    (exercise(), "minutes"),
    (exercise(minutes=0), "minutes"),
    (exercise(minutes=5, activity=None), "activity"),
    (exercise(minutes=5, what="x"), "what"),
    (exercise(session_id=""), "session_id"),
]


@pytest.mark.parametrize(("body", "field"), WRONG)
def test_what_is_wrong_is_named(ask: Call, body: dict[str, Any], field: str) -> None:
    assert [error["field"] for error in ask("POST", "/", json=body, status=422)["errors"]] == [field]
    reply = ask("POST", "/sync", json={"records": [food(), body]}, status=422)
    assert [error["field"] for error in reply["errors"]] == [f"records[1].{field}"]
    assert ask("GET", "/")["records"] == []


def test_another_user_sees_nothing_and_may_use_the_same_id(ask: Call, client: Client, create_user: CreateUser) -> None:
    new, other = food(), create_user("other")
    ask("POST", "/", json=new)
    assert ask("GET", "/", headers=other["headers"])["records"] == []
    ask("GET", f"/{new['record_id']}", headers=other["headers"], status=404)
    ask("POST", "/", json=new | {"what": "bread"}, headers=other["headers"])
    assert ask("GET", f"/{new['record_id']}")["what"] == "비빔밥"


def test_pages_bring_each_record_once_the_latest_first(ask: Call) -> None:
    new = [food(at=1760000000000 + number // 2) for number in range(7)]
    for one in new:
        ask("POST", "/", json=one)
    found: list[dict[str, Any]] = []
    page = ask("GET", "/?limit=2")
    while page["next"]:
        found += page["records"]
        page = ask("GET", f"/?limit=2&before={page['next']}")
    found += page["records"]
    assert [record["record_id"] for record in found] == [
        one["record_id"] for one in sorted(new, key=lambda one: (one["at"], one["record_id"]), reverse=True)
    ]
    assert ask("GET", "/?record_type=exercise")["records"] == []


# Zone, day, the first and the last second of it: days of 23 and 25 hours, one that clocks skip the midnight of, one
# that never was.
DAYS = [
    ("Asia/Seoul", "2026-03-02", "2026-03-01T15:00:00Z", "2026-03-02T14:59:59Z"),
    ("Atlantic/Azores", "2026-03-29", "2026-03-29T01:00:00Z", "2026-03-29T23:59:59Z"),
    ("Atlantic/Azores", "2025-10-26", "2025-10-26T00:00:00Z", "2025-10-27T00:59:59Z"),
    ("America/Havana", "2026-03-08", "2026-03-08T05:00:00Z", "2026-03-09T03:59:59Z"),
    ("America/Havana", "2025-11-02", "2025-11-02T04:00:00Z", "2025-11-03T04:59:59Z"),
    ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z", "2011-12-31T09:59:59Z"),
    ("Pacific/Apia", "2011-12-30", None, None),
]


@pytest.mark.parametrize(("zone", "day", "first", "last"), DAYS)
def test_a_day_is_one_of_the_users_time_zone(
    ask: Call, client: Client, auth_headers: dict[str, str], zone: str, day: str, first: str | None, last: str | None
) -> None:
    assert client.patch("/api/auth/me", json={"timezone": zone}, headers=auth_headers).status_code == 200
    second = timedelta(seconds=1)
    around = ["2011-12-30T09:59:59Z", "2011-12-30T10:00:00Z"]
    if first and last:
        before, after = datetime.fromisoformat(first) - second, datetime.fromisoformat(last) + second
        around = [before.isoformat(), first, last, after.isoformat()]
    for at in around:
        ask("POST", "/", json=food(at=at))
    found = [record["at"] for record in ask("GET", f"/?date={day}")["records"]]
    assert found == ([last, first] if first else [])


def test_an_exercise_of_a_session_has_what_the_session_shows(
    ask: Call, client: Client, auth_headers: dict[str, str], db: Db
) -> None:
    new = exercise(session_id="run")
    assert ask("POST", "/", json=new)["from_session"] is None
    start = 1760000000000
    fixes = [
        {"sensor_type": "gps", "timestamp": start + 1000 * second, "data": {"latitude": second / 1e4, "longitude": 0}}
        for second in range(11)
    ]
    session = {"session_id": "run", "start_time": start}
    body = {"session": session, "sensor_data": fixes}
    assert client.post("/api/sync/push", json=body, headers=auth_headers).status_code == 200
    found = ask("GET", f"/{new['record_id']}")["from_session"]
    # A ten-thousandth of a degree of latitude on a sphere of 6,371 km is 11.12 m.
    assert found["distance_m"] == pytest.approx(111.2, abs=0.2)
    assert (found["duration_s"], found["mean_speed_m_s"]) == (None, None)
    body = {"session": session | {"end_time": start + 10_000}, "sensor_data": []}
    assert client.post("/api/sync/push", json=body, headers=auth_headers).status_code == 200
    found = ask("GET", f"/{new['record_id']}")["from_session"]
    assert found["duration_s"] == 10
    assert found["mean_speed_m_s"] == pytest.approx(11.12, abs=0.02)
    db.execute("select app.archive_readings(id) from app.recording_sessions")
    assert ask("GET", f"/{new['record_id']}")["from_session"] == found
    assert client.delete("/api/sessions/run", headers=auth_headers).status_code == 204
    assert ask("GET", f"/{new['record_id']}")["from_session"] is None
