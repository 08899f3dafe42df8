"""A sensor's meaning is decided by numbers and by its own user; names are freed with their sessions."""

import asyncio
from typing import Any

import msgspec
import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from koodtx.database.query import fetch_all
from koodtx.readings.sensor_types import SensorType
from koodtx.settings import Settings
from tests.support.aliases import Call, Client, Db, Document, Pull
from tests.support.databases import erase_deleted
from tests.support.readings import reading_at

pytestmark = [pytest.mark.api, pytest.mark.sync]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return msgspec.structs.replace(settings, max_push_sensors=4, max_user_sensors=6)


def items(*contents: Document, sensor: str = "strap", from_s: float = 0) -> list[Document]:
    return [reading_at(from_s + index, sensor, **data) for index, data in enumerate(contents)]


def value_keys(db: Db) -> list[Any]:
    rows = db.execute(
        "select u.username, t.name, t.value_key from app.sensor_types as t join app.users as u on u.id = t.user_id"
    )
    return sorted(rows.fetchall())


FIRST: dict[str, Document] = {
    "a null": {"bpm": None},
    "a text": {"bpm": "searching"},
    "a number as text": {"bpm": "61"},
    "a boolean": {"bpm": False},
    "a list": {"bpm": [61]},
    "an object": {"bpm": {"value": 61}},
    "a number that no column holds": {"bpm": 2**60},
    "nothing": {},
    "axes": {"x": 1, "y": 2.5, "z": 3},
}


@pytest.mark.parametrize("name", FIRST)
def test_what_is_no_number_decides_nothing(push: Call, pull: Pull, db: Db, name: str) -> None:
    first = items(FIRST[name])
    push(first)
    assert [key for _, _, key in value_keys(db)] == [None]
    later = items(*({"bpm": 60 + index} for index in range(100)), from_s=1)
    push(later)
    assert [key for _, _, key in value_keys(db)] == ["bpm"]
    assert db.execute("select count(value) from app.sensor_data").fetchone() == (100,)
    [session] = pull()["sessions"]
    assert session["sensor_data"] == first + later
    again = push(first + later)
    assert (again["inserted"], again["updated"], again["duplicates"]) == (0, 0, 101)


def test_one_user_spoils_a_name_for_nobody(push: Call, create_user: Call, db: Db) -> None:
    strangers = {name: create_user(name)["headers"] for name in ("ann", "bob", "cem")}
    push(items({"bpm": None}), headers=strangers["ann"])
    push(items({"lux": 5}), headers=strangers["bob"])
    push(items({"brightness": 0.5}), headers=strangers["cem"])
    assert push(items({"bpm": 61}, {"bpm": 62}))["inserted"] == 2
    assert value_keys(db) == [
        ("ann", "strap", None),
        ("bob", "strap", "lux"),
        ("cem", "strap", "brightness"),
        ("user1", "strap", "bpm"),
    ]
    rows = db.execute("select axis, sum(count) from analytics.rollup_hour group by axis order by axis").fetchall()
    assert rows == [("bpm", 2), ("brightness", 1), ("lux", 1)]


_values = st.none() | st.booleans() | st.integers(0, 9) | st.just("5") | st.just(2**60) | st.just([1])
_data = st.dictionaries(st.sampled_from(["bpm", "lux", "foo", "x", "value"]), _values)


@given(batches=st.lists(st.lists(_data, min_size=1, max_size=5), min_size=1, max_size=4))
def test_readings_are_pulled_equal_whatever_decided_when(
    client: Client, create_user: Any, push: Call, pull: Pull, batches: list[list[Document]]
) -> None:
    headers = create_user()["headers"]
    sent = [items(*batch, from_s=100 * place) for place, batch in enumerate(batches)]
    for batch in sent:
        assert push(batch, headers=headers)["inserted"] == len(batch)
    pushed = [item for batch in sent for item in batch]
    for form in ("rows", "columns"):
        [session] = pull(headers=headers, form=form)["sessions"]
        assert _rows(session["sensor_data"]) == pushed
    for batch in sent:
        assert push(batch, headers=headers)["duplicates"] == len(batch)


def _rows(found: list[Document]) -> list[Document]:
    """Readings one by one, blocks taken apart."""
    rows = []
    for item in found:
        if "timestamps" not in item:
            rows.append(item)
            continue
        times = item["timestamps"]
        if isinstance(times, dict):
            times = [times["start"] + index * times["step"] for index in range(times["count"])]
        for index, time in enumerate(times):
            data = {key: column[index] for key, column in item["data"].items()}
            rows.append({"sensor_type": item["sensor_type"], "timestamp": time, "data": data})
    return rows


def beacons(scan: int, count: int = 3) -> list[Document]:
    return [reading_at(index, f"beacon {scan} {index}", rssi=-70) for index in range(count)]


def test_names_are_free_again_when_their_sessions_are_deleted(
    push: Call, client: Client, auth_headers: dict[str, str], db: Db
) -> None:
    """An app that scans names a sensor per beacon, which is another one every day."""
    for scan in range(8):
        assert push(beacons(scan), f"scan {scan}")["errors"] == 0
        assert client.delete(f"/api/sessions/scan {scan}", headers=auth_headers).status_code == 204
        if scan % 2:
            erase_deleted(db)
    assert push(items({"value": 1}, sensor="my own"), "new")["rejected"] == []
    assert db.execute("select count(*) <= 6 from app.sensor_types").fetchone() == (True,)
    assert db.execute("select max(id) <= 6 from app.sensor_types").fetchone() == (True,)


def test_names_in_use_are_counted_and_the_rejection_says_what_to_do(
    push: Call, pull: Pull, client: Client, auth_headers: dict[str, str]
) -> None:
    for scan in range(2):
        push(beacons(scan), f"scan {scan}")
    refused = push([*beacons(2), *items({"rssi": -71}, sensor="beacon 0 0", from_s=9)], "scan 2")
    assert (refused["inserted"], refused["errors"]) == (1, 3)
    assert {(item["code"], item["hold"]) for item in refused["rejected"]} == {("too_many_types", True)}
    assert "already use 6 names" in refused["rejected"][0]["message"]
    client.delete("/api/sessions/scan 1", headers=auth_headers)
    assert push(beacons(2), "scan 2")["inserted"] == 3
    kept = {item["sensor_type"] for session in pull()["sessions"] for item in session["sensor_data"]}
    assert kept == {*(f"beacon {scan} {index}" for scan in (0, 2) for index in range(3))}


def test_a_name_is_not_given_up_for_another_one_of_the_same_push(
    push: Call, client: Client, auth_headers: dict[str, str], db: Db
) -> None:
    for number, sensor in enumerate("abcdef"):
        push(items({"bpm": 61}, sensor=sensor), f"scan {number}")
    client.delete("/api/sessions/scan 0", headers=auth_headers)
    erase_deleted(db)
    reply = push([*items({"bpm": 61}, sensor="a"), *items({"bpm": 62}, sensor="new")], "again")
    assert (reply["inserted"], reply["errors"]) == (1, 1)
    assert reply["rejected"][0]["code"] == "too_many_types"


def test_names_that_archived_sessions_use_are_not_freed(push: Call, db: Db) -> None:
    for scan in range(2):
        push(beacons(scan), f"scan {scan}")
    db.execute("select app.archive_readings(id) from app.recording_sessions")
    assert push(beacons(2), "scan 2")["errors"] == 3
    names = db.execute("select distinct sensor from analytics.rollup_day").fetchall()
    assert len(names) == 6


def test_a_freed_name_is_decided_again(push: Call, client: Client, auth_headers: dict[str, str], db: Db) -> None:
    push(items({"lux": 5}))
    client.delete("/api/sessions/walk", headers=auth_headers)
    for scan in range(2):
        push(beacons(scan), f"scan {scan}")
    client.delete("/api/sessions/scan 1", headers=auth_headers)
    push(items({"bpm": 61}), "again")
    assert ("user1", "strap", "bpm") in value_keys(db)


def test_sensors_of_one_push_follow_the_setting(push: Call) -> None:
    reply = push(beacons(0, 5))
    assert (reply["inserted"], reply["errors"]) == (4, 1)
    assert "at most 4 sensors" in reply["rejected"][0]["message"]


@pytest.mark.parametrize(("renamings", "status"), [(1, 200), (4, 200), (5, 503)])
def test_a_push_whose_sensor_type_was_renamed_meanwhile_is_applied_again(
    push: Call, db: Db, renamings: int, status: int
) -> None:
    """What a push finds outside its transaction is checked within it. A sequence is not rolled back with it."""
    db.execute(f"""
        create sequence public.renamings;
        grant usage on public.renamings to public;
        create function rename() returns trigger language plpgsql as $$
        begin
            if new.session_id = 'walk' and nextval('public.renamings') <= {renamings} then
                update app.sensor_types set name = 'another' where name = 'strap';
            end if;
            return new;
        end $$;
        create trigger rename before insert on app.recording_sessions for each row execute function rename();
    """)
    reply = push(items({"bpm": 61}), status=status)
    assert db.execute("select count(*) from app.sensor_data").fetchone() == (int(status == 200),)
    if status == 503:
        assert reply["type"] == "urn:koodtx:problem:database-unavailable"
        reply = push(items({"bpm": 61}))
    assert reply["inserted"] == 1


def test_two_registrations_at_once_decide_one_key(settings: Settings, push: Call, db: Db) -> None:
    """Two phones of a user, of which each sends another key first."""
    push(items({"bpm": None}))
    (user_id,) = db.execute("select user_id from app.sensor_types").fetchone() or ()

    async def register(key: str) -> str | None:
        async with await psycopg.AsyncConnection.connect(settings.database_url, autocommit=True) as connection:
            [found] = await fetch_all(
                connection,
                SensorType,
                "select * from app.register_sensor_types(%(user)s, array['strap'], array[%(key)s], 6)",
                {"user": user_id, "key": key},
            )
            return found.value_key

    async def both() -> list[str | None]:
        return await asyncio.gather(*(register(key) for key in ("lux", "brightness") * 4))

    assert len(set(asyncio.run(both()))) == 1


TEXTS = {"x": "0.12", "y": "-0.03", "z": "9.81", "label": "a", "note": None}


def test_numbers_as_text_are_counted_and_kept(push: Call, pull: Pull) -> None:
    sent = items(*[TEXTS] * 10, {"x": 0.5, "y": 1, "z": 2}, sensor="accelerometer")
    reply = push(sent, push_id="one")
    assert (reply["inserted"], reply["numbers_as_text"]) == (11, 30)
    again = push(sent, push_id="one")
    assert again == reply | {"replayed": True}
    assert pull()["sessions"][0]["sensor_data"] == sent


def test_a_push_without_numbers_as_text_has_no_count(push: Call) -> None:
    assert "numbers_as_text" not in push(items({"x": 1, "label": "a", "inner": {"x": "5"}, "list": ["5"]}))


def test_numbers_as_text_are_converted_where_the_push_asks_for_it(
    client: Client, auth_headers: dict[str, str], push: Call, pull: Pull, db: Db
) -> None:
    push(items(*[TEXTS] * 3))
    body = {"session": {"session_id": "walk", "start_time": "2025-10-09T08:53:20Z"}, "text_numbers": "convert"}
    body["sensor_data"] = [*items(*[TEXTS] * 3), {  # type: ignore[assignment]
        "sensor_type": "light", "timestamps": [1_760_000_000_000, 1_760_000_000_001], "data": {"lux": ["5", "off"]}
    }]  # fmt: skip
    reply = client.post("/api/sync/push", json=body, headers=auth_headers).json()
    assert (reply["updated"], reply["inserted"]) == (3, 2)
    assert "numbers_as_text" not in reply
    numbers = {"x": 0.12, "y": -0.03, "z": 9.81, "label": "a", "note": None}
    [session] = pull()["sessions"]
    contents = {
        sensor: [i["data"] for i in session["sensor_data"] if i["sensor_type"] == sensor]
        for sensor in ("strap", "light")
    }
    assert contents == {"strap": [numbers] * 3, "light": [{"lux": 5}, {"lux": "off"}]}
    assert db.execute("select count(x) from app.sensor_data").fetchone() == (3,)


@pytest.mark.parametrize("value", ["Convert", None, 1, ["convert"]])
def test_another_wish_is_422(client: Client, auth_headers: dict[str, str], value: Any) -> None:
    body = {"session": {"session_id": "walk", "start_time": "2025-10-09T08:53:20Z"}, "text_numbers": value}
    assert client.post("/api/sync/push", json=body, headers=auth_headers).status_code == 422


def test_numbers_as_text_are_counted_in_the_quality_of_the_session(push: Call, db: Db) -> None:
    push([*items(*[TEXTS] * 10, sensor="accelerometer"), *items({"lux": 5}, sensor="light")])
    rows = db.execute(
        "select sensor, numbers_as_text from analytics.sessions as s, analytics.session_quality(s.recording_id)"
    ).fetchall()
    assert sorted(rows) == [("accelerometer", 30), ("light", 0)]
