"""Examples of the OpenAPI document."""

from typing import Any

RECORD_ID = "0b6d7e53-5d9c-4a6e-9a4e-3d1f0a1c2b3d"

FOOD: dict[str, Any] = {
    "record_id": RECORD_ID,
    "record_type": "food",
    "at": "2026-03-02T12:30:00+09:00",
    "what": "비빔밥",
    "energy_kcal": 560,
    "tags": ["점심"],
    "activity": None,
    "minutes": None,
    "session_id": None,
}
STORED = FOOD | {
    "at": "2026-03-02T03:30:00Z",
    "created_at": "2026-03-02T03:31:00Z",
    "updated_at": "2026-03-02T03:31:00Z",
}
ONE = STORED | {"from_session": None}
PATCH = {"energy_kcal": 610}
RECORDS = {"records": [STORED], "next": None}
SYNC = {"records": [FOOD], "deleted": [], "cursor": None, "limit": 100}
SYNCED = {"records": [STORED], "deleted": [], "has_more": False, "cursor": "b2ZmIHRvIHRoZSBuZXh0IHBhZ2U"}
