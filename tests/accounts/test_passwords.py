"""Hashing: bounded, and never in the way of anything else."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from koodtx.accounts import passwords
from koodtx.accounts.passwords import PasswordHasher
from koodtx.errors import TooMany

pytestmark = pytest.mark.auth


@pytest.mark.unit
def test_verify() -> None:
    async def check() -> list[bool]:
        hasher = PasswordHasher()
        kept = await hasher.hash("right")
        answers = [
            await hasher.verify(kept, "right"),
            await hasher.verify(kept, "wrong"),
            await hasher.verify(None, "right"),
            await hasher.verify("no hash", "right"),
        ]
        hasher.close()
        return answers

    assert asyncio.run(check()) == [True, False, False, False]


@pytest.mark.unit
def test_more_than_ten_passwords_at_once_are_refused_until_one_is_done() -> None:
    async def check() -> tuple[int, int]:
        hasher = PasswordHasher()
        results = await asyncio.gather(*(hasher.hash("x") for _ in range(30)), return_exceptions=True)
        refused = [result for result in results if isinstance(result, TooMany)]
        assert all(error.retry_after_s == 1 for error in refused)
        await asyncio.sleep(0.05)
        again = await asyncio.gather(*(hasher.hash("x") for _ in range(10)))
        hasher.close()
        return len(refused), len(again)

    assert asyncio.run(check()) == (20, 10)


@pytest.mark.unit
def test_a_cancelled_caller_does_not_free_its_thread_early(monkeypatch: pytest.MonkeyPatch) -> None:
    async def check() -> None:
        hasher = PasswordHasher()
        monkeypatch.setattr(passwords, "hash_password", lambda password: time.sleep(0.2))
        callers = [asyncio.create_task(hasher.hash("x")) for _ in range(10)]
        await asyncio.sleep(0.05)
        for caller in callers[:2]:
            caller.cancel()
        await asyncio.sleep(0)
        with pytest.raises(TooMany):
            await hasher.hash("x")
        await asyncio.gather(*callers, return_exceptions=True)
        hasher.close()

    asyncio.run(check())


@pytest.mark.api
@pytest.mark.integration
def test_many_logins_at_once_get_429_and_health_stays_fast(client: TestClient[Litestar]) -> None:
    def log_in(number: int) -> tuple[int, str | None]:
        reply = client.post("/api/auth/login", json={"username": f"user{number}", "password": "any password"})
        return reply.status_code, reply.headers.get("Retry-After")

    client.get("/health")
    with ThreadPoolExecutor(60) as threads:
        rush = [threads.submit(log_in, number) for number in range(120)]
        seconds = []
        while not all(attempt.done() for attempt in rush):
            started = time.perf_counter()
            assert client.get("/health").status_code == 200
            seconds.append(time.perf_counter() - started)
    outcomes = {attempt.result() for attempt in rush}
    assert outcomes == {(401, None), (429, "1")}
    assert sorted(seconds)[len(seconds) // 2] < 0.25
