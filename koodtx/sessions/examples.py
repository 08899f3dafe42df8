"""Examples of the OpenAPI document."""

SERIES = {
    "method": "min_max",
    "session_id": "walk",
    "sensor": "barometer",
    "at": ["2025-10-09T08:53:20Z", "2025-10-09T08:58:20Z"],
    "axes": {"pressure": {"min": [1012.9, 1013.0], "max": [1013.3, 1013.6]}},
}
LABELS = {
    "two labels": {
        "labels": [
            {"label": "walking", "from": "2025-10-09T08:53:20Z", "to": "2025-10-09T08:58:20Z", "source": "diary"},
            {"label": "resting", "from": "2025-10-09T08:58:20Z", "to": "2025-10-09T09:03:20Z"},
        ]
    }
}
POINTS = {
    "method": "lttb",
    "session_id": "walk",
    "sensor": "barometer",
    "axes": {
        "pressure": {
            "at": ["2025-10-09T08:53:20Z", "2025-10-09T08:57:41.2Z", "2025-10-09T09:03:20Z"],
            "value": [1012.9, 1013.6, 1013.1],
        }
    },
}
NOTES = {"a note": {"notes": "Windy; the phone was in the left pocket."}}
