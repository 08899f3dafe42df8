"""What the documentation shows."""

from typing import Any

_RUN_ID = "7c9e6679-7425-40de-944b-e07fc1f90ae7"

NEW: dict[str, Any] = {
    "daily": {
        "name": "밤 정리",
        "task": "cleanup_old_sensor_data",
        "frequency": "daily",
        "hour": 3,
        "minute": 30,
        "timezone": "Asia/Seoul",
        "args": {"days": 60},
        "is_active": True,
    },
    "on Sundays": {
        "name": "sunday-report",
        "task": "generate_cleanup_report",
        "frequency": "weekly",
        "hour": 6,
        "minute": 0,
    },
}
CHANGE = {"another hour": {"hour": 23, "minute": 15}}
CHANGE_BY_BODY = {"switched off": {"id": 2, "is_active": False}}
CHOICE = {"by id": {"id": 2}}
RUNS: dict[str, Any] = {
    "a schedule": {"schedule_id": 1},
    "a task": {"task": "cleanup_old_sensor_data", "args": {"days": 60, "dry_run": True}},
}
STARTED = {"run_id": _RUN_ID, "task": "cleanup_old_sensor_data", "status": "queued"}
SYNC = {"schedulers": 2}

_RUN: dict[str, Any] = {
    "run_id": _RUN_ID,
    "schedule_id": 8,
    "schedule": "밤 정리",
    "task": "cleanup_old_sensor_data",
    "scheduled_at": "2025-10-08T18:30:00Z",
    "requested_at": None,
    "requested_by": None,
    "status": "completed",
    "attempt": 1,
    "started_at": "2025-10-08T18:30:03.1Z",
    "finished_at": "2025-10-08T18:30:09.8Z",
    "counts": {"session_count": 3, "rows_freed": 175_000, "bytes_freed": 22_050_000},
    "error": None,
}
SCHEDULE: dict[str, Any] = {
    "id": 8,
    **NEW["daily"],
    "next_run_at": "2025-10-09T18:30:00Z",
    "due_at": None,
    "last_run": _RUN,
}
SCHEDULES = {"schedules": [SCHEDULE]}
STATUS = {
    "schedules": [SCHEDULE],
    "runs": [_RUN],
    "workers": [
        {
            "name": "worker-1:42",
            "started_at": "2025-10-09T06:00:00Z",
            "seen_at": "2025-10-09T09:03:25Z",
            "running": 1,
            "lanes": ["interactive", "batch"],
            "tasks": ["cleanup_old_sensor_data", "generate_cleanup_report"],
        }
    ],
}
