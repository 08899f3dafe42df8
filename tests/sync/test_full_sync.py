"""Two phones of one user, and a stranger."""

from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.support.aliases import Call

pytestmark = [pytest.mark.integration, pytest.mark.sync]

Copy = dict[str, dict[str, Any]]


class Phone:
    """A copy of the user's sessions, kept up to date by pulling."""

    def __init__(self, pull: Call, headers: dict[str, str]) -> None:
        self.pull = pull
        self.headers = headers
        self.cursor: str | None = None
        self.sessions: Copy = {}

    def sync(self) -> None:
        has_more = True
        while has_more:
            page = self.pull(cursor=self.cursor, headers=self.headers, page_size=2, max_readings=3)
            for session_id in page["deleted"]:
                self.sessions.pop(session_id, None)
            for session in page["sessions"]:
                self._apply(session)
            self.cursor, has_more = page["cursor"], page["has_more"]

    def _apply(self, session: dict[str, Any]) -> None:
        mine = self.sessions.setdefault(session["session_id"], {"readings": {}})
        mine["notes"] = session["notes"]
        mine["is_active"] = session["is_active"]
        for item in session["sensor_data"]:
            mine["readings"][item["sensor_type"], item["timestamp"]] = item["data"]


@pytest.mark.smoke
def test_full_sync_flow_of_two_phones(
    push: Call, pull: Call, reading: Any, client: TestClient[Litestar], user: Any, other_phone: dict[str, str]
) -> None:
    first, second = Phone(pull, user["headers"]), Phone(pull, other_phone)

    push([reading(0, x=1.0), reading(10, x=2.0)], "walk")
    push([reading(0, "gps", latitude=37.5, longitude=127.0)], "run", headers=other_phone)
    first.sync()
    second.sync()
    assert first.sessions == second.sessions
    assert set(first.sessions) == {"walk", "run"}

    push(
        [reading(10, x=3.0), reading(20, x=4.0)], "walk", headers=other_phone, notes="both", end_time=1_760_000_100_000
    )
    first.sync()
    assert first.sessions["walk"] == {
        "notes": "both",
        "is_active": False,
        "readings": {
            ("accelerometer", 1_760_000_000_000): {"x": 1.0},
            ("accelerometer", 1_760_000_000_010): {"x": 3.0},
            ("accelerometer", 1_760_000_000_020): {"x": 4.0},
        },
    }

    assert client.delete("/api/sessions/run", headers=user["headers"]).status_code == 204
    push([reading(0)], "third", notes="new")
    first.sync()
    second.sync()
    assert first.sessions == second.sessions
    assert set(second.sessions) == {"walk", "third"}


def test_full_sync_reaches_a_phone_that_joins_late(
    push: Call, pull: Call, reading: Any, user: Any, other_phone: dict[str, str]
) -> None:
    for number in range(5):
        push([reading(index, f"sensor {index % 2}") for index in range(4)], f"session {number}")
    first, second = Phone(pull, user["headers"]), Phone(pull, other_phone)
    first.sync()
    second.sync()
    assert first.sessions == second.sessions
    assert sum(len(session["readings"]) for session in second.sessions.values()) == 20


def test_full_sync_never_shows_a_stranger_anything(
    push: Call, pull: Call, reading: Any, create_user: Call, user: Any
) -> None:
    stranger = Phone(pull, create_user("stranger")["headers"])
    push([reading(0)], "walk")
    push([reading(0, x=7.0)], "walk", headers=stranger.headers)
    stranger.sync()
    assert [session["readings"] for session in stranger.sessions.values()] == [
        {("accelerometer", 1_760_000_000_000): {"x": 7.0}}
    ]
