"""What the documentation shows."""

from typing import Any

from koodtx.scripts.examples import TOKEN

_TOKEN: dict[str, Any] = TOKEN | {"script_title": "비 오는 역"}
_MEANS: dict[str, Any] = {
    "pronunciation_score": 79.5,
    "intonation_score": 67.0,
    "emotion_score": 72.5,
    "overall_score": 73.0,
}
_TAKE: dict[str, Any] = {
    "job_id": "7c9e6679-7425-40de-944b-e07fc1f90ae7",
    "status": "completed",
    "created_at": "2026-03-02T03:30:00Z",
    "duration_s": 1.9,
    "pronunciation_score": 82.0,
    "intonation_score": 70.0,
    "emotion_score": 75.0,
    "overall_score": 75.666,
    "error": None,
}
NEW_BOOKMARK: dict[str, Any] = {"a line": {"token_id": 1}}
BOOKMARK: dict[str, Any] = {"token": _TOKEN, "bookmarked_at": "2026-03-02T03:30:00Z"}
BOOKMARKS: dict[str, Any] = {"bookmarks": [BOOKMARK], "total": 1}
DUBBED: dict[str, Any] = {
    "tokens": [
        {
            "token": _TOKEN,
            "take_count": 2,
            "completed_count": 2,
            "failed_count": 0,
            "last_take": _TAKE,
            "best_take": _TAKE,
        }
    ],
    "total": 1,
}
OVERVIEW: dict[str, Any] = {
    "timezone": "Asia/Seoul",
    "bookmark_count": 1,
    "take_count": 2,
    "processing_count": 0,
    "completed_count": 2,
    "failed_count": 0,
    "token_count": 1,
    "script_count": 1,
    "recorded_s": 3.8,
    "first_take_at": "2026-03-02T03:20:00Z",
    "last_take_at": "2026-03-02T03:30:00Z",
    "means": _MEANS,
    "best_overall_score": 75.666,
    "progress": [
        {
            "date": "2026-03-02",
            "take_count": 2,
            "completed_count": 2,
            "means": _MEANS,
            "best_overall_score": 75.666,
        }
    ],
}
