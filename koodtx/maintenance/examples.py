"""What the documentation shows."""

REPORT = {
    "created_at": "2025-10-09T09:00:00.000000Z",
    "edition": "apache",
    "totals": {
        "users": 12,
        "sessions": 340,
        "active_sessions": 2,
        "archived_sessions": 290,
        "readings_stored": 4_100_000,
        "readings_archived": 22_500_000,
        "sessions_to_store": 2,
        "database_bytes": 812_000_000,
    },
    "tables": [
        {
            "name": "app.sensor_data",
            "rows": 4_100_000,
            "dead_rows": 1_200,
            "bytes": 516_600_000,
            "chunks": 6,
            "vacuumed_at": "2025-10-05T05:00:12.000000Z",
            "analyzed_at": "2025-10-05T05:00:12.000000Z",
        }
    ],
    "retention": [
        {
            "name": "sensor-data",
            "days": 30,
            "task": "cleanup_old_sensor_data",
            "is_applied": True,
            "rows": 180_000,
            "bytes": 22_680_000,
        }
    ],
    "runs": [
        {
            "task": "cleanup_old_sensor_data",
            "job_id": "7c9e6679-7425-40de-944b-e07fc1f90ae7",
            "is_dry_run": False,
            "status": "completed",
            "started_at": "2025-10-09T02:00:03.000000Z",
            "finished_at": "2025-10-09T02:00:09.000000Z",
            "cutoff_at": "2025-09-09T02:00:00.000000Z",
            "sessions": 3,
            "rows_freed": 175_000,
            "bytes_freed": 22_050_000,
            "error": None,
        }
    ],
    "timescaledb_jobs": [
        {
            "name": "policy_refresh_continuous_aggregate of hour_partials",
            "status": "Success",
            "last_run_at": "2025-10-09T08:50:00.000000Z",
            "runs": 1_440,
            "failures": 0,
            "error": None,
        }
    ],
    "forecast": {
        "readings_per_day": 136_000.0,
        "bytes_per_reading": 126.0,
        "bytes_per_day": 17_136_000,
        "bytes_in_30_days": 1_326_080_000,
        "bytes_in_90_days": 2_354_240_000,
        "bytes_in_365_days": 7_066_640_000,
        "settled_bytes": 514_080_000,
    },
}
