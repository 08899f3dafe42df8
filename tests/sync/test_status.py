"""What the status reports."""

from collections.abc import Callable
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.support.aliases import Call

pytestmark = [pytest.mark.api, pytest.mark.sync]

Status = Callable[[], dict[str, Any]]


@pytest.fixture
def status(client: TestClient[Litestar], auth_headers: dict[str, str]) -> Status:
    def call() -> dict[str, Any]:
        reply = client.get("/api/sync/status", headers=auth_headers)
        assert reply.status_code == 200, reply.text
        answer: dict[str, Any] = reply.json()
        return answer

    return call


def test_status_of_a_new_user_is_nothing(status: Status) -> None:
    found = status()
    assert (found["sessions"], found["active_sessions"], found["readings"]) == (0, 0, 0)
    assert found["recent_logs"] == []
    assert found["devices"] == [{"device_id": "phone", "last_push_at": None, "last_pull_at": None}]


def test_status_counts_sessions_and_readings(status: Status, push: Call, reading: Any) -> None:
    push([reading(0), reading(10)], "walk")
    push([reading(0)], "run", end_time="2025-10-09T09:00:00Z")
    found = status()
    assert (found["sessions"], found["active_sessions"], found["readings"]) == (2, 1, 3)


def test_status_leaves_out_deleted_sessions(
    status: Status, push: Call, reading: Any, client: TestClient[Litestar], auth_headers: dict[str, str]
) -> None:
    push([reading(0)])
    client.delete("/api/sessions/walk", headers=auth_headers)
    found = status()
    assert (found["sessions"], found["readings"]) == (0, 0)


def test_status_tells_when_each_device_synced(
    status: Status, push: Call, pull: Call, other_phone: dict[str, str]
) -> None:
    push()
    pull(headers=other_phone)
    first, second = status()["devices"]
    assert (first["last_push_at"] is None, first["last_pull_at"] is None) == (False, True)
    assert (second["last_push_at"] is None, second["last_pull_at"] is None) == (True, False)


def test_status_shows_the_newest_logs_first(status: Status, push: Call, pull: Call, reading: Any) -> None:
    push([reading(0), reading(0)])
    pull()
    pull(cursor="x", status=400)
    logs = status()["recent_logs"]
    assert [(log["sync_type"], log["status"]) for log in logs] == [
        ("pull", "failed"),
        ("pull", "success"),
        ("push", "success"),
    ]
    assert (logs[2]["total_records"], logs[2]["inserted_count"], logs[2]["duplicate_count"]) == (2, 1, 1)
    assert logs[2]["sensor_types"] == ["accelerometer"]


def test_status_shows_twenty_logs_at_most(status: Status, push: Call) -> None:
    for _ in range(22):
        push()
    assert len(status()["recent_logs"]) == 20


def test_status_tells_nothing_of_others(status: Status, push: Call, create_user: Call, reading: Any) -> None:
    push([reading(0)], headers=create_user("stranger")["headers"])
    found = status()
    assert (found["sessions"], found["readings"], found["recent_logs"]) == (0, 0, [])
    assert len(found["devices"]) == 1
