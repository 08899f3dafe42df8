"""Calls of the chat recommender against a server of its own."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from datetime import date
from typing import Any, NamedTuple

import pytest

from koodtx.recommendations.chat import ChatRecommender
from koodtx.recommendations.recommender import Day, Exercise, Finding, Food, RecommenderFailed, Texts
from tests.support.scripted_server import Reply, Request, ScriptedServer
from tests.support.settings import make_settings

KEY = "sk-a-key-of-the-tests"

DAY = Day(
    date=date(2026, 3, 2),
    foods=[Food(12, "비빔밥", 560, ["점심"])],
    exercises=[Exercise(18, "걷기", 30, 2100.5)],
    findings=[
        Finding("weekly_activity", 90, 150, "min", False),
        Finding("daily_energy", 1900, 2000, "kcal", True),
        Finding("sleep", None, 7, "h", None),
        Finding("daily_steps", 4000, 7000, "steps", False),
    ],
)


def recommender(url: str, **settings: Any) -> ChatRecommender:
    values = {"chat_url": url, "chat_model": "model-1", "chat_api_key": KEY, "recommender": "chat"}
    return ChatRecommender(make_settings("postgresql://localhost/koodtx", **(values | settings)))


def run(
    work: Callable[[ChatRecommender, ScriptedServer], Awaitable[Any]], *replies: Reply, tls: Any = None, **settings: Any
) -> Any:
    """Returns what `work` returns, with a server that replies so."""

    async def main() -> Any:
        async with (
            ScriptedServer(*replies, tls=tls) as server,
            aclosing(recommender(f"{server.url}/v1", **settings)) as chat,
        ):
            return await work(chat, server)

    return asyncio.run(main())


class Success(NamedTuple):
    texts: Texts
    requests: list[Request]


class Failure(NamedTuple):
    detail: str
    requests: list[Request]
    hang_ups: int
    took_s: float


def recommend(*replies: Reply, day: Day = DAY, **settings: Any) -> Success:
    async def work(chat: ChatRecommender, server: ScriptedServer) -> Success:
        return Success(await chat.recommend(day), server.requests)

    return run(work, *replies, **settings)  # type: ignore[no-any-return]


def fail(*replies: Reply, day: Day = DAY, **settings: Any) -> Failure:
    """Fails, and in no other way than with RecommenderFailed."""

    async def work(chat: ChatRecommender, server: ScriptedServer) -> Failure:
        begin = time.monotonic()
        with pytest.raises(RecommenderFailed) as raised:
            await chat.recommend(day)
        took_s = time.monotonic() - begin
        # The server sees a closed connection when it writes again.
        await asyncio.sleep(0.1)
        return Failure(raised.value.detail, server.requests, server.hang_ups, took_s)

    return run(work, *replies, **settings)  # type: ignore[no-any-return]
