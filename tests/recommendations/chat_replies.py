"""Replies of a chat endpoint, for a scripted server."""

import json
from typing import Any

from tests.support.scripted_server import Reply, Request, http, raw

KO = "오늘은 비빔밥을 드셨네요. 내일은 30분 더 걸어 보세요. 🏃‍♀️"
EN = "You had bibimbap (비빔밥) today. Try to walk for 30 minutes more tomorrow."


def day_of(request: Request) -> Any:
    """The document of the user message."""
    return json.loads(request.json["messages"][1]["content"])


def completion(content: Any, finish_reason: str = "stop") -> bytes:
    """As OpenAI and servers like it write one."""
    choice = {"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": finish_reason}
    document = {"id": "chatcmpl-1", "object": "chat.completion", "model": "m", "choices": [choice], "usage": {}}
    return json.dumps(document, ensure_ascii=False).encode()


def says(content: Any, finish_reason: str = "stop") -> Reply:
    return raw(http(completion(content, finish_reason)))


def recommends(ko: Any = KO, en: Any = EN, **more: Any) -> Reply:
    return says(json.dumps({"ko": ko, "en": en, **more}, ensure_ascii=False))
