"""A push that was abandoned after a timeout and replaced by others: it is never applied after them."""

import threading
from typing import Any

import pytest

from tests.support.aliases import Call, Client, Db
from tests.support.readings import reading
from tests.support.requests import push_body

pytestmark = [pytest.mark.api, pytest.mark.sync]


@pytest.fixture
def send(client: Client, auth_headers: dict[str, str]) -> Call:
    """Sends a push; the reply, whose status must be the expected one."""

    def send(
        push_id: str | None, *values: float, replaces: Any = None, session_id: str = "walk", status: int = 200
    ) -> Any:
        readings = [reading(10 * place, x=value) for place, value in enumerate(values)]
        body = push_body(readings, session_id, push_id=push_id)
        body |= {} if replaces is None else {"replaces": replaces}
        reply = client.post("/api/sync/push", json=body, headers=auth_headers)
        assert reply.status_code == status, reply.text
        return reply.json()

    return send


def stored(db: Db) -> list[float]:
    return [x for (x,) in db.execute("select x from app.sensor_data order by recorded_at")]


def test_an_abandoned_push_that_arrives_late_is_409(send: Call, db: Db) -> None:
    send("half 1", 1.0, replaces=["whole"])
    send("half 2", 2.0, 3.0)
    reply = send("whole", 7.0, 7.0, status=409)
    assert reply["type"] == "urn:koodtx:problem:push-replaced"
    assert stored(db) == [2.0, 3.0]
    assert send("whole", 7.0, 7.0, status=409)["type"] == reply["type"]
    # It did nothing, but a person may want to know of it.
    assert db.execute("select error from app.sync_logs where status = 'failed'").fetchall() == [("push-replaced",)] * 2


def test_an_abandoned_push_does_not_change_the_session(client: Client, auth_headers: Any, send: Call) -> None:
    send("new", 1.0, replaces=["old"])
    body = push_body([], notes="old", push_id="old")
    assert client.post("/api/sync/push", json=body, headers=auth_headers).status_code == 409
    assert client.get("/api/sessions/walk", headers=auth_headers).json()["notes"] is None


def test_an_abandoned_push_that_was_applied_stays(send: Call, db: Db) -> None:
    first = send("whole", 1.0, 2.0)
    assert send("half 1", 1.0, replaces=["whole"])["duplicates"] == 1
    assert send("half 2", 1.0, 2.0)["duplicates"] == 2
    assert send("whole", 1.0, 2.0) == first | {"replayed": True}
    assert stored(db) == [1.0, 2.0]


def test_a_replayed_push_replaces_as_the_first_time(send: Call) -> None:
    first = send("new", 1.0, replaces=["old"])
    assert send("new", 1.0, replaces=["old"]) == first | {"replayed": True}
    send("old", 1.0, status=409)


def test_a_push_may_replace_several_in_turn(send: Call, db: Db) -> None:
    send("c", 3.0, replaces=["a", "b"])
    send("b", 2.0, replaces=["a"], status=409)
    send("a", 1.0, status=409)
    send("d", 4.0, replaces=["c", "a", "a"])
    send("a", 1.0, status=409)
    assert stored(db) == [4.0]


def test_a_push_that_was_not_applied_replaces_nothing(send: Call, client: Client, auth_headers: dict[str, str]) -> None:
    body = push_body([], push_id="new", start_time="1969-07-20T20:17:40Z") | {"replaces": ["old"]}
    assert client.post("/api/sync/push", json=body, headers=auth_headers).status_code == 422
    assert send("old", 1.0)["inserted"] == 1


def test_ids_are_replaced_within_one_session_of_one_user(send: Call, client: Client, create_user: Call) -> None:
    send("new", 1.0, replaces=["old"])
    assert send("old", 1.0, session_id="run")["inserted"] == 1
    body = push_body([reading()], push_id="old")
    assert client.post("/api/sync/push", json=body, headers=create_user("stranger")["headers"]).status_code == 200


def test_they_are_erased_with_the_session(send: Call, client: Client, auth_headers: dict[str, str], db: Db) -> None:
    send("new", 1.0, replaces=["old"])
    assert db.execute("select push_id from app.replaced_pushes").fetchall() == [("old",)]
    client.delete("/api/sessions/walk", headers=auth_headers)
    assert db.execute("select push_id from app.replaced_pushes").fetchall() == []
    assert send("old", 1.0, status=410)["type"] == "urn:koodtx:problem:session-deleted"


def test_they_outlive_the_readings(send: Call, db: Db) -> None:
    send("new", 1.0, replaces=["old"])
    db.execute("select app.archive_readings(id) from app.recording_sessions")
    send("old", 1.0, status=409)


@pytest.mark.parametrize(
    "replaces",
    [["new"], [""], ["p" * 65], ["a\0b"], [5], [None], "old", 5, {"old": 1}, [f"p{number}" for number in range(33)]],
)
def test_replaces_that_are_no_ids_are_422_naming_the_field(send: Call, db: Db, replaces: Any) -> None:
    [error] = send("new", 1.0, replaces=replaces, status=422)["errors"]
    assert error["field"].startswith("replaces")
    assert stored(db) == []


def test_replaces_needs_a_push_id(send: Call) -> None:
    assert [error["field"] for error in send(None, 1.0, replaces=["old"], status=422)["errors"]] == ["replaces"]


def test_32_ids_or_none_may_be_replaced(send: Call) -> None:
    assert send("new", 1.0, replaces=[f"p{number}" for number in range(32)])["inserted"] == 1
    assert send("newer", 1.0, replaces=[])["duplicates"] == 1
    send("p31", 1.0, status=409)


def test_whichever_comes_first_the_newer_values_stay(client: Client, auth_headers: dict[str, str], db: Db) -> None:
    """An abandoned push and the one that replaces it, at the same moment, in sessions that do not exist yet."""
    for number in range(12):
        bodies = [
            push_body([reading(x=1.0)], f"walk {number}", push_id="old"),
            push_body([reading(x=2.0)], f"walk {number}", push_id="new") | {"replaces": ["old"]},
        ]
        statuses: dict[int, int] = {}

        def send(place: int, bodies: list[Any] = bodies, statuses: dict[int, int] = statuses) -> None:
            reply = client.post("/api/sync/push", json=bodies[place], headers=auth_headers)
            statuses[place] = reply.status_code

        senders = [threading.Thread(target=send, args=[place]) for place in (number % 2, 1 - number % 2)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        assert statuses[1] == 200
        assert statuses[0] in (200, 409)
    assert stored(db) == [2.0] * 12
