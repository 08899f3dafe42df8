"""Recommendations by any OpenAI-compatible chat endpoint."""

import asyncio
import random
import ssl
import time
from typing import Any

import httpx
import msgspec

from koodtx.http_client import make_client, read_body
from koodtx.recommendations.chat_answer import read_answer
from koodtx.recommendations.circuit_breaker import CircuitBreaker
from koodtx.recommendations.prompt import write_prompt
from koodtx.recommendations.recommender import Day, RecommenderFailed, Texts
from koodtx.retry_after import retry_after_s
from koodtx.settings import Settings

_MAX_FAILURES = 5
# Doubled with each further attempt.
_PAUSE_S = 0.5

_BUSY = frozenset({408, 429})
# What is wrong may be this one request, e.g. for a filter of contents: this does not show that the endpoint fails.
_OF_REQUEST = frozenset({400, 413, 422})
_HINTS = {
    401: ": check KOODTX_CHAT_API_KEY",
    403: ": check KOODTX_CHAT_API_KEY",
    404: ": check KOODTX_CHAT_URL and KOODTX_CHAT_MODEL",
}


class _EndpointFailed(RecommenderFailed):
    """The endpoint failed, rather than one answer of it."""


class _Busy(_EndpointFailed):
    """The endpoint may answer a further attempt, after `wait_s` if it said so."""

    def __init__(self, detail: str, wait_s: float | None = None) -> None:
        super().__init__(detail)
        self.wait_s = wait_s


class ChatRecommender:
    """One per process, closed with `aclose`: it holds connections, and counts failures across users."""

    def __init__(self, settings: Settings) -> None:
        """Opens nothing yet."""
        self.name = f"chat:{settings.chat_model}"
        self._timeout_s = settings.chat_timeout_s
        self._retries = settings.chat_retries
        self._max_prompt_tokens = settings.chat_max_prompt_tokens
        self._max_answer_bytes = settings.chat_max_answer_bytes
        self._breaker = CircuitBreaker(_MAX_FAILURES, settings.chat_pause_s)
        # What not every endpoint supports: see _adapt.
        self._options: dict[str, Any] = {
            "model": settings.chat_model,
            "max_tokens": settings.chat_max_tokens,
            "response_format": {"type": "json_object"},
        }
        key = settings.chat_api_key
        self._url = settings.chat_url.rstrip("/") + "/chat/completions"
        authorization = {"Authorization": f"Bearer {key}"} if key else {}
        self._http = make_client({"Content-Type": "application/json"} | authorization)

    async def recommend(self, day: Day) -> Texts:
        """Raises RecommenderFailed, at the latest after `KOODTX_CHAT_TIMEOUT_S`."""
        if not self._breaker.admits():
            raise RecommenderFailed(
                f"the chat endpoint failed {_MAX_FAILURES} times in a row; it is not called for now"
            )
        prompt = write_prompt(day, self._max_prompt_tokens)
        try:
            body = await self._in_time(prompt.messages)
        except _EndpointFailed:
            self._breaker.failed()
            raise
        except RecommenderFailed:
            self._breaker.succeeded()
            raise
        self._breaker.succeeded()
        ko, en = read_answer(body)
        return Texts(ko=ko, en=en, rules=prompt.rules)

    async def aclose(self) -> None:
        await self._http.aclose()

    async def _in_time(self, messages: list[dict[str, str]]) -> bytes:
        ends_at = time.monotonic() + self._timeout_s
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._with_retries(messages, ends_at)
        except TimeoutError as error:
            raise _EndpointFailed(f"the chat endpoint did not answer within {self._timeout_s:g} s") from error

    async def _with_retries(self, messages: list[dict[str, str]], ends_at: float) -> bytes:
        retries = 0
        while True:
            try:
                return await self._attempt(messages)
            except _Busy as error:
                wait_s = (error.wait_s or 0) + random.uniform(0.5, 1) * _PAUSE_S * 2**retries  # noqa: S311
                retries += 1
                if retries > self._retries or time.monotonic() + wait_s >= ends_at:
                    raise
            await asyncio.sleep(wait_s)

    async def _attempt(self, messages: list[dict[str, str]]) -> bytes:
        """Returns the body of an answer with status 200."""
        try:
            while True:
                content = msgspec.json.encode(self._options | {"messages": messages})
                async with self._http.stream("POST", self._url, content=content) as answer:
                    if answer.status_code == 200:
                        return await self._read(answer)
                    if answer.status_code not in _OF_REQUEST:
                        raise _failure(answer)
                    if not self._adapt(await self._read(answer)):
                        raise RecommenderFailed(f"the chat endpoint answered {answer.status_code}")
        except httpx.TransportError as error:
            if certificate := _wrong_certificate(error):
                raise _EndpointFailed(f"the certificate of the chat endpoint is not valid: {certificate}") from error
            raise _Busy("the chat endpoint is not reachable, or the connection broke") from error

    async def _read(self, answer: httpx.Response) -> bytes:
        body = await read_body(answer, self._max_answer_bytes)
        if body is None:
            raise RecommenderFailed(f"the answer of the chat endpoint has more than {self._max_answer_bytes} bytes")
        return body

    def _adapt(self, rejection: bytes) -> bool:
        """Learns from a rejection which options the endpoint does not support. Returns whether there is one less."""
        if "max_tokens" in self._options and b"max_completion_tokens" in rejection:
            self._options["max_completion_tokens"] = self._options.pop("max_tokens")
            return True
        if b"response_format" in rejection:
            return self._options.pop("response_format", None) is not None
        return False


def _failure(answer: httpx.Response) -> _EndpointFailed:
    status = answer.status_code
    detail = f"the chat endpoint answered {status}{_HINTS.get(status, '')}"
    if status in _BUSY or status >= 500:
        return _Busy(detail, retry_after_s(answer.headers.get("Retry-After", "")))
    return _EndpointFailed(detail)


def _wrong_certificate(error: BaseException | None) -> str | None:
    while error is not None and not isinstance(error, ssl.SSLCertVerificationError):
        error = error.__cause__ or error.__context__
    return None if error is None else error.verify_message
