"""A chat endpoint that fails, stalls or sends without end costs a recommendation, and no more time than is allowed."""

import asyncio
import time
from collections.abc import Callable
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from koodtx.recommendations.chat import ChatRecommender
from koodtx.recommendations.recommender import RecommenderFailed
from koodtx.recommendations.redact import WEB_ADDRESS
from tests.recommendations.calls import DAY, KEY, Failure, fail, recommend, recommender, run
from tests.recommendations.chat_replies import KO, completion, recommends, says
from tests.support.scripted_server import Reply, ScriptedServer, http, raw, stalls, status, then_stalls, without_end

pytestmark = [pytest.mark.integration]

SHORT_S = 0.3
TIMED_OUT = "the chat endpoint did not answer within 0.3 s"
BROKE = "the chat endpoint is not reachable, or the connection broke"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize("reply", [status(500), status(503), status(408), status(429), raw(b""), raw(HEAD)])
def test_a_failure_that_may_pass_is_tried_again(reply: Reply) -> None:
    done = recommend(reply, recommends(), chat_retries=1)
    assert done.texts.ko == KO
    first, second = done.requests
    assert first.body == second.body
    assert 0.2 < second.at - first.at < 2


@pytest.mark.parametrize(
    ("code", "detail"),
    [
        (400, "the chat endpoint answered 400"),
        (401, "the chat endpoint answered 401: check KOODTX_CHAT_API_KEY"),
        (403, "the chat endpoint answered 403: check KOODTX_CHAT_API_KEY"),
        (404, "the chat endpoint answered 404: check KOODTX_CHAT_URL and KOODTX_CHAT_MODEL"),
        (405, "the chat endpoint answered 405"),
        (422, "the chat endpoint answered 422"),
        (204, "the chat endpoint answered 204"),
    ],
)
def test_other_failures_are_not_tried_again(code: int, detail: str) -> None:
    failure = fail(status(code, b"" if code == 204 else b"secret details"), recommends())
    assert (failure.detail, len(failure.requests)) == (detail, 1)


def test_the_attempts_are_limited() -> None:
    failure = fail(status(500), chat_retries=1)
    assert (failure.detail, len(failure.requests)) == ("the chat endpoint answered 500", 2)


def test_pauses_between_attempts_grow() -> None:
    one, two, three = (request.at for request in fail(status(502), chat_retries=2).requests)
    assert 0.25 <= two - one < 0.9
    assert 0.5 <= three - two < 1.4


@pytest.mark.parametrize(
    "after", [lambda: "1", lambda: format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)]
)
def test_retry_after_is_observed(after: Callable[[], str]) -> None:
    first, second = recommend(status(429, Retry_After=after()), recommends(), chat_retries=1).requests
    assert second.at - first.at >= 1


@pytest.mark.parametrize("after", ["soon", "-5", "²", "9" * 5000, "Mon, 99 Foo 2026", f"1 Jan {9**99} 00:00:00"])
def test_a_retry_after_that_makes_no_sense_is_ignored(after: str) -> None:
    reply = raw(http(b"{}", 503).replace(b"\r\n", f"\r\nRetry-After: {after}\r\n".encode(), 1))
    assert len(recommend(reply, recommends(), chat_retries=1).requests) == 2


@pytest.mark.parametrize("after", ["3600", "Fri, 01 Jan 2100 00:00:00 GMT"])
def test_nobody_waits_for_an_endpoint_that_will_be_busy_for_longer_than_a_call_may_take(after: str) -> None:
    failure = fail(status(429, Retry_After=after))
    assert (failure.detail, len(failure.requests)) == ("the chat endpoint answered 429", 1)
    assert failure.took_s < 1


@pytest.mark.parametrize(
    "reply",
    [
        stalls,
        then_stalls(b"HTTP/1.1 200 OK\r\nContent-"),
        then_stalls(HEAD + b"Content-Length: 500\r\n\r\n"),
        then_stalls(HEAD + b'Content-Length: 500\r\n\r\n{"choices": ['),
        then_stalls(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 500\r\n\r\nno"),
        without_end(HEAD + b"Content-Length: 50000\r\n\r\n", b" ", 0.02),
        without_end(HEAD + b"X-A: ", b"a", 0.02),
        without_end(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["at once", "head", "before body", "in body", "error", "drip of body", "drip of head", "continue"],
)
def test_an_endpoint_that_stalls_or_drips_is_cut_off_in_time(reply: Reply) -> None:
    failure = fail(reply, chat_timeout_s=SHORT_S)
    assert (failure.detail, len(failure.requests)) == (TIMED_OUT, 1)
    assert SHORT_S <= failure.took_s < 3 * SHORT_S


def test_the_time_is_of_all_attempts_together() -> None:
    failure = fail(status(500), stalls, chat_timeout_s=0.8)
    assert failure.detail == "the chat endpoint did not answer within 0.8 s"
    assert failure.took_s < 1.4
    assert len(failure.requests) == 2


@pytest.mark.parametrize(
    "begin",
    [
        HEAD + b"Content-Length: 100000000000\r\n\r\n",
        HEAD + b"\r\n",
        b"HTTP/1.1 400 Bad Request\r\nContent-Length: 100000000000\r\n\r\n",
    ],
)
def test_an_endpoint_that_sends_without_end_is_cut_off(begin: bytes) -> None:
    failure = fail(without_end(begin, b" " * 10_000), chat_max_answer_bytes=50_000)
    assert failure.detail == "the answer of the chat endpoint has more than 50000 bytes"
    assert (failure.hang_ups, len(failure.requests)) == (1, 1)
    assert failure.took_s < 1


def test_headers_without_end_are_cut_off() -> None:
    failure = fail(without_end(HEAD, b"X-A: " + b"a" * 1000 + b"\r\n"), chat_retries=0)
    assert (failure.detail, failure.hang_ups) == (BROKE, 1)


def test_an_answer_of_exactly_the_most_bytes_is_read() -> None:
    body = completion(f'{{"ko": "{KO}", "en": "Walk more."}}')
    assert recommend(raw(http(body)), chat_max_answer_bytes=len(body)).texts.en == "Walk more."
    assert "more than" in fail(raw(http(body)), chat_max_answer_bytes=len(body) - 1).detail


def test_what_is_not_http_is_a_broken_connection() -> None:
    assert fail(raw(b"SSH-2.0-OpenSSH_9.6\r\n"), chat_retries=0).detail == BROKE


def test_a_body_that_ends_early_is_tried_again() -> None:
    cut = http(completion("{}"))[:-5]
    assert len(recommend(raw(cut), recommends(), chat_retries=1).requests) == 2


def test_nobody_listens() -> None:
    async def main() -> tuple[str, float]:
        async with ScriptedServer(stalls) as server:
            url = server.url
        begin = time.monotonic()
        async with aclosing(recommender(url, chat_retries=1)) as chat:
            with pytest.raises(RecommenderFailed) as raised:
                await chat.recommend(DAY)
        return raised.value.detail, time.monotonic() - begin

    detail, took_s = asyncio.run(main())
    assert detail == BROKE
    assert 0.2 < took_s < 2


@pytest.mark.parametrize("host", ["nobody.invalid", "a..b"])
def test_a_host_without_an_address(host: str) -> None:
    async def main() -> str:
        async with aclosing(recommender(f"http://{host}/v1", chat_retries=0)) as chat:
            with pytest.raises(RecommenderFailed) as raised:
                await chat.recommend(DAY)
        return raised.value.detail

    assert asyncio.run(main()) == BROKE


@pytest.mark.parametrize("reply", [status(500), status(401), status(400), stalls, raw(HEAD), says("no")])
def test_a_detail_shows_neither_address_nor_key_nor_what_the_endpoint_sent(reply: Reply) -> None:
    failure: Failure = fail(reply, chat_retries=0, chat_timeout_s=SHORT_S)
    assert KEY not in failure.detail
    assert "127.0.0.1" not in failure.detail
    assert not WEB_ADDRESS.search(failure.detail)


def test_a_call_that_is_cancelled_ends_at_once_and_counts_as_no_failure() -> None:
    async def work(chat: ChatRecommender, server: ScriptedServer) -> None:
        for _ in range(10):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(chat.recommend(DAY), 0.05)
        assert len(server.requests) == 10

    run(work, stalls)


PAUSED = "the chat endpoint failed 5 times in a row; it is not called for now"


async def _details(chat: ChatRecommender, times: int) -> list[str]:
    details = []
    for _ in range(times):
        with pytest.raises(RecommenderFailed) as raised:
            await chat.recommend(DAY)
        details.append(raised.value.detail)
    return details


@pytest.mark.parametrize(
    ("reply", "detail"), [(status(500), "the chat endpoint answered 500"), (stalls, TIMED_OUT), (raw(b""), BROKE)]
)
def test_after_five_failures_in_a_row_further_users_do_not_wait(reply: Reply, detail: str) -> None:
    async def work(chat: ChatRecommender, server: ScriptedServer) -> None:
        assert await _details(chat, 5) == [detail] * 5
        begin = time.monotonic()
        assert await _details(chat, 1000) == [PAUSED] * 1000
        assert time.monotonic() - begin < 1
        assert len(server.requests) == 5

    run(work, reply, chat_retries=0, chat_timeout_s=SHORT_S)


def test_after_the_pause_one_call_tries_and_all_go_on_if_it_succeeds() -> None:
    async def work(chat: ChatRecommender, server: ScriptedServer) -> None:
        await _details(chat, 5)
        await asyncio.sleep(0.35)
        # One call tries, and fails: the pause begins again.
        assert await _details(chat, 3) == ["the chat endpoint answered 500", PAUSED, PAUSED]
        await asyncio.sleep(0.35)
        for _ in range(3):
            await chat.recommend(DAY)
        assert len(server.requests) == 9

    run(work, *[status(500)] * 6, recommends(), chat_retries=0, chat_pause_s=0.3)


def test_of_calls_at_the_same_time_only_one_tries_after_the_pause() -> None:
    async def work(chat: ChatRecommender, server: ScriptedServer) -> None:
        await _details(chat, 5)
        await asyncio.sleep(0.35)
        results = await asyncio.gather(*(chat.recommend(DAY) for _ in range(20)), return_exceptions=True)
        assert sum(isinstance(result, RecommenderFailed) for result in results) == 19
        assert len(server.requests) == 6

    run(work, *[status(500)] * 5, recommends(), chat_retries=0, chat_pause_s=0.3)


@pytest.mark.parametrize("reply", [says("nonsense"), status(400), says("{}"), recommends(ko="no")])
def test_answers_to_single_users_that_are_wrong_do_not_stop_the_others(reply: Reply) -> None:
    async def work(chat: ChatRecommender, server: ScriptedServer) -> None:
        assert PAUSED not in await _details(chat, 20)
        assert (await chat.recommend(DAY)).ko == KO

    run(work, *[reply] * 20, recommends(), chat_retries=0)


def test_only_failures_in_a_row_count() -> None:
    async def work(chat: ChatRecommender, server: ScriptedServer) -> None:
        for _ in range(3):
            await _details(chat, 4)
            await chat.recommend(DAY)

    run(work, *([status(500)] * 4 + [recommends()]) * 3, chat_retries=0)


def test_many_calls_at_the_same_time_each_get_their_answer() -> None:
    async def work(chat: ChatRecommender, server: ScriptedServer) -> None:
        results = await asyncio.gather(*(chat.recommend(DAY) for _ in range(50)))
        assert [result.ko for result in results] == [KO] * 50

    run(work, recommends())
