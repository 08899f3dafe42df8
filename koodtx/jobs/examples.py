"""Examples of the OpenAPI document: one job in several states."""

from typing import Any

JOB_ID = "3f0d8b6e-5d6c-4f0e-9a57-2b8f5a1c7e42"

STATE: dict[str, Any] = {
    "job_id": JOB_ID,
    "task": "analyze_sensor_data",
    "lane": "interactive",
    "session_id": "walk",
    "status": "running",
    "progress": 10,
    "message": "Starting analysis...",
    "version": 3,
    "attempt": 1,
    "run_at": "2025-10-09T09:03:21Z",
    "created_at": "2025-10-09T09:03:21Z",
    "started_at": "2025-10-09T09:03:21.2Z",
    "finished_at": None,
    "processing_time_s": None,
    "error": None,
}
FINISHED = STATE | {
    "status": "completed",
    "progress": 100,
    "message": None,
    "version": 5,
    "finished_at": "2025-10-09T09:03:22.7Z",
    "processing_time_s": 1.5,
}
CANCELLED = STATE | {"status": "cancelled", "version": 4, "finished_at": "2025-10-09T09:03:21.9Z", "error": "cancelled"}
RETRIED = STATE | {"status": "queued", "progress": 0, "message": None, "version": 5, "started_at": None}

JOBS = {"jobs": [STATE]}
PAGE = {"jobs": [STATE], "next": None}
NO_RESULT = {"job_id": JOB_ID, "task": "analyze_sensor_data", "status": "running", "error": None, "result": None}
FAILED = {"task": "cleanup_old_sensor_data", "status": "failed"}
OF_A_USER = {"username": "mina", "lane": "interactive"}
COUNT = {"changed": 17}
WORKERS = {
    "workers": [
        {
            "name": "worker-1:42",
            "started_at": "2025-10-09T06:00:00Z",
            "seen_at": "2025-10-09T09:03:25Z",
            "running": 1,
            "lanes": ["interactive", "batch"],
            "tasks": ["analyze_sensor_data", "cleanup_old_sensor_data"],
        }
    ]
}
