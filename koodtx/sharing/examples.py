"""Examples of the OpenAPI document."""

from typing import Any

from koodtx.jobs.examples import JOB_ID
from koodtx.teams.examples import TEAM_ID

SHARE_ID = "9d0b9f0c-6a55-4a0e-8a0f-2f9c1b7e5d31"

NEW_SHARE = {"to view": {"team_id": TEAM_ID, "can_download": False}}
SHARE: dict[str, Any] = {
    "share_id": SHARE_ID,
    "job_id": JOB_ID,
    "kind": "analyze_sensor_data",
    "session_id": "walk",
    "team_id": TEAM_ID,
    "team_name": "Gait study",
    "can_view": True,
    "can_download": False,
    "expires_at": "2026-09-01T00:00:00Z",
    "created_at": "2026-03-02T09:00:00Z",
}
SHARES = {"shares": [SHARE], "next": None}
OF_SESSION = SHARE | {"job_id": None, "kind": None}
SHARES_OF_SESSION = {"shares": [OF_SESSION], "next": None}
REVOKED = {"revoked": 3}
ACCESSES = {
    "accesses": [{"user_id": 18, "name": "Joon Park", "action": "view", "at": "2026-03-02T10:15:00Z"}],
    "next": None,
}
SHARED = {
    "gained": [SHARE | {"owner_id": 17, "owner_name": "Mina Kim"}],
    "lost": ["4a1d6c1b-2b7a-4b53-a0f5-5f7d6b9d7c20"],
    "has_more": False,
    "cursor": "b2ZmIHRvIHRoZSBuZXh0IHBhZ2U",
}
SHARED_SESSIONS = SHARED | {"gained": [OF_SESSION | {"owner_id": 17, "owner_name": "Mina Kim"}]}
