"""What the documentation shows."""

from typing import Any

ACTOR = {"id": 1, "name": "이정재"}
TOKEN: dict[str, Any] = {
    "token_id": 1,
    "script_id": 1,
    "line_no": 1,
    "text": "아무도 안 오네.",
    "actor": ACTOR,
    "start_time": 12.5,
    "end_time": 14.2,
    "has_audio": True,
    "audio_duration_s": 1.7,
}
_SECOND: dict[str, Any] = {
    "token_id": 2,
    "script_id": 1,
    "line_no": 2,
    "text": "조금만 더 기다려 보자.",
    "actor": None,
    "start_time": 15.0,
    "end_time": 17.5,
    "has_audio": False,
    "audio_duration_s": None,
}
_LISTED: dict[str, Any] = {
    "id": 1,
    "source_id": "rainy-station-1",
    "title": "비 오는 역",
    "language": "ko",
    "description": "두 사람이 막차를 기다린다.",
    "view_count": 12,
    "line_count": 2,
    "created_at": "2026-03-02T03:30:00Z",
    "updated_at": "2026-03-02T03:30:00Z",
}
SCRIPT: dict[str, Any] = _LISTED | {"tokens": [TOKEN, _SECOND]}
SCRIPTS: dict[str, Any] = {"scripts": [_LISTED], "total": 1}
POPULAR: dict[str, Any] = {"scripts": [_LISTED]}
CREATED: dict[str, Any] = _LISTED | {"view_count": 0, "line_count": 0, "tokens": []}
ACTORS: dict[str, Any] = {"actors": [ACTOR | {"line_count": 1}], "total": 1}

NEW_SCRIPT: dict[str, Any] = {
    "a scene": {
        "title": "비 오는 역",
        "language": "ko",
        "description": "두 사람이 막차를 기다린다.",
        "source_id": "rainy-station-1",
    }
}
SCRIPT_CHANGE: dict[str, Any] = {"another title": {"title": "비 오는 역"}}
NEW_TOKENS: dict[str, Any] = {
    "two lines": {
        "tokens": [
            {"text": "아무도 안 오네.", "actor": "이정재", "start_time": 12.5, "end_time": 14.2},
            {"text": "조금만 더 기다려 보자.", "start_time": 15.0, "end_time": 17.5},
        ]
    }
}
NEW_ACTOR: dict[str, Any] = {"a name": {"name": "전도연"}}
ACTOR_CHANGE: dict[str, Any] = {"another name": {"name": "이정재"}}
