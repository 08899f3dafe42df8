"""push_id: a push sent again is not applied again."""

import threading
from typing import Any

import psycopg
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.support.aliases import Call

pytestmark = [pytest.mark.api, pytest.mark.sync]


def test_push_id_sent_again_gets_the_first_counts(push: Call, reading: Any) -> None:
    first = push([reading(0), reading(10)], push_id="one")
    again = push([reading(0), reading(10)], push_id="one")
    assert again == first | {"replayed": True}
    assert again["inserted"] == 2


def test_push_id_sent_again_is_not_applied_again(push: Call, reading: Any, db: psycopg.Connection[Any]) -> None:
    push([reading(0, x=1.0)], push_id="one")
    push([reading(0, x=2.0)], push_id="two")
    push([reading(0, x=1.0)], push_id="one")
    assert db.execute("select x from app.sensor_data").fetchone() == (2.0,)
    assert db.execute("select change_no from app.change_sequences").fetchone() == (2,)


def test_push_without_id_sent_again_is_applied_again(push: Call, reading: Any, db: psycopg.Connection[Any]) -> None:
    push([reading(0, x=1.0)])
    push([reading(0, x=2.0)])
    push([reading(0, x=1.0)])
    assert db.execute("select x from app.sensor_data").fetchone() == (1.0,)


def test_push_id_with_another_body_is_422(push: Call, reading: Any, db: psycopg.Connection[Any]) -> None:
    push([reading(0, x=1.0)], push_id="one")
    reply = push([reading(0, x=2.0)], push_id="one", status=422)
    assert reply["type"] == "urn:koodtx:problem:push-id-reused"
    assert db.execute("select x from app.sensor_data").fetchone() == (1.0,)


def test_push_id_counts_within_one_session(push: Call, reading: Any) -> None:
    push([reading(0)], push_id="one")
    assert "replayed" not in push([reading(0)], "run", push_id="one")


def test_push_id_counts_within_one_user(push: Call, reading: Any, create_user: Call) -> None:
    push([reading(0)], push_id="one")
    reply = push([reading(0)], push_id="one", headers=create_user("stranger")["headers"])
    assert "replayed" not in reply


def test_push_id_replays_a_push_with_refused_readings(push: Call, reading: Any) -> None:
    bad = reading(0) | {"timestamp": 0}
    first = push([reading(0), bad], push_id="one")
    assert push([reading(0), bad], push_id="one") == first | {"replayed": True}


def test_push_id_of_a_failed_push_may_be_used_again(push: Call, reading: Any) -> None:
    push([reading(0)], push_id="one", start_time="1969-07-20T20:17:40Z", status=422)
    assert push([reading(0)], push_id="one")["inserted"] == 1


def test_idempotency_key_is_a_push_id(push: Call, reading: Any) -> None:
    first = push([reading(0)], headers={"Idempotency-Key": "one"})
    assert push([reading(0)], headers={"Idempotency-Key": "one"}) == first | {"replayed": True}


def test_idempotency_key_of_another_body_is_422(push: Call, reading: Any) -> None:
    push([reading(0, x=1.0)], headers={"Idempotency-Key": "one"})
    reply = push([reading(0, x=2.0)], headers={"Idempotency-Key": "one"}, status=422)
    assert reply["type"] == "urn:koodtx:problem:push-id-reused"


def test_idempotency_key_equal_to_push_id_is_taken(push: Call, reading: Any) -> None:
    assert push([reading(0)], push_id="one", headers={"Idempotency-Key": "one"})["inserted"] == 1


def test_idempotency_key_other_than_push_id_is_422(push: Call, reading: Any) -> None:
    reply = push([reading(0)], push_id="one", headers={"Idempotency-Key": "two"}, status=422)
    assert [error["field"] for error in reply["errors"]] == ["push_id"]


@pytest.mark.parametrize("push_id", ["p" * 65, "a\0b"], ids=["65 characters", "NUL"])
def test_push_id_that_is_none_is_422(push: Call, push_id: str) -> None:
    assert [error["field"] for error in push(push_id=push_id, status=422)["errors"]] == ["push_id"]


def test_push_id_empty_is_422(client: TestClient[Litestar], auth_headers: dict[str, str]) -> None:
    body = {"session": {"session_id": "walk", "start_time": "2025-10-09T08:53:20Z"}, "push_id": ""}
    reply = client.post("/api/sync/push", json=body, headers=auth_headers)
    assert reply.status_code == 422
    assert [error["field"] for error in reply.json()["errors"]] == ["push_id"]


def test_push_id_sent_eight_times_at_once_is_applied_once(
    push: Call, sensor_data_batch: list[dict[str, Any]], db: psycopg.Connection[Any]
) -> None:
    replies: list[dict[str, Any]] = []
    senders = [
        threading.Thread(target=lambda: replies.append(push(sensor_data_batch, push_id="one"))) for _ in range(8)
    ]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert [reply["inserted"] for reply in replies] == [100] * 8
    assert sorted("replayed" in reply for reply in replies) == [False] + [True] * 7
    assert db.execute("select change_no, reading_count from app.change_sequences").fetchone() == (1, 100)
