"""What the documentation shows."""

from typing import Any

EXPORTS = {
    "some sessions": {"session_ids": ["walk"], "format": "zip"},
    "a month": {"from": "2025-10-01T00:00:00Z", "to": "2025-11-01T00:00:00Z", "format": "csv"},
}
EXPORT_QUEUED: dict[str, Any] = {
    "job_id": "3f0d8b6e-5d6c-4f0e-9a57-2b8f5a1c7e42",
    "status": "queued",
    "progress": 0,
    "message": None,
    "error": None,
    "format": "zip",
    "sessions": 1,
    "created_at": "2025-10-09T09:03:21Z",
    "finished_at": None,
    "result": None,
    "link": None,
}
EXPORT_RUNNING = EXPORT_QUEUED | {"status": "running", "progress": 40, "message": "12.5 MB written"}
EXPORT_COMPLETED = EXPORT_QUEUED | {
    "status": "completed",
    "progress": 100,
    "message": "Export completed",
    "finished_at": "2025-10-09T09:03:41Z",
    "result": {
        "key": "export/0f8fad5bd9cb469fa16570867728950e",
        "file_name": "walk.zip",
        "bytes": 31_200_417,
        "sessions": 1,
    },
    "link": {"url": "/api/v1/objects/kto...", "expires_at": "2025-10-09T10:04:00Z"},
}
