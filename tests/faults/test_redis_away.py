"""Redis dies, hangs, or loses all it had: pushes, pulls and logins work, and it is used again when it is back."""

import itertools
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from redis import Redis

from koodtx.embedded.choose import find_redis
from koodtx.embedded.redis import PrivateRedis
from tests.faults.stack import Stack, running_stack
from tests.support.readings import START_MS
from tests.support.requests import register_at
from tests.support.servers import server_folder
from tests.support.settings import PASSWORD
from tests.support.waiting import wait_until

pytestmark = [
    pytest.mark.faults,
    pytest.mark.integration,
    pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc"),
]

# Each request asks Redis a few times, and waits a second for it each time.
ANSWERED_WITHIN_S = 6
LOGINS_A_MINUTE = 40


@pytest.fixture(scope="module")
def redis() -> Iterator[PrivateRedis]:
    """Outside `koodtx up`, which would start it again at once."""
    with server_folder() as folder, PrivateRedis(find_redis(print), Path(folder) / "redis") as server:
        yield server


@pytest.fixture(scope="module")
def stack(redis: PrivateRedis) -> Iterator[Stack]:
    limits = {"KOODTX_PUSHES_PER_MINUTE": "1000", "KOODTX_LOGINS_PER_MINUTE": str(LOGINS_A_MINUTE)}
    with running_stack(KOODTX_REDIS_URL=redis.url, **limits) as stack:
        yield stack


@pytest.fixture(scope="module")
def user(stack: Stack) -> dict[str, str]:
    register_at(stack.url, "mina")
    return {"username": "mina", "password": PASSWORD, "device_id": "phone"}


_numbers = itertools.count()


def use(stack: Stack, user: dict[str, str]) -> float:
    """Logs in, pushes, pulls, all answered 2xx; the longest that an answer took."""
    number = next(_numbers)
    reading = {"sensor_type": "light", "timestamp": START_MS + number, "data": {"lux": number}}
    session = {"session_id": "evening", "start_time": "2025-10-09T08:53:20Z"}
    with httpx.Client(base_url=stack.url, timeout=20) as http:
        login = http.post("/api/auth/login", json=user)
        assert login.status_code == 200, login.text
        http.headers["Authorization"] = f"Bearer {login.json()['access_token']}"
        push = http.post("/api/sync/push", json={"session": session, "sensor_data": [reading]})
        assert push.status_code == 200, push.text
        pull = http.post("/api/sync/pull", json={})
        assert pull.json()["sessions"][0]["data_count"] == number + 1
        refresh = http.post("/api/auth/refresh", json={"refresh_token": login.json()["refresh_token"]})
        assert refresh.status_code == 200, refresh.text
    return max(reply.elapsed.total_seconds() for reply in (login, push, pull, refresh))


def redis_state(stack: Stack) -> str:
    """What /health says of Redis; being without it is no reason to be unwell."""
    reply = httpx.get(f"{stack.url}/health", timeout=20)
    assert reply.status_code == 200
    state: str = reply.json()["redis"]
    return state


def test_killed_it_is_not_missed(stack: Stack, user: dict[str, str], redis: PrivateRedis) -> None:
    use(stack, user)
    assert redis_state(stack) == "ok"
    assert redis.process is not None
    redis.process.kill()
    redis.process.wait()
    assert max(use(stack, user) for _ in range(3)) < ANSWERED_WITHIN_S
    assert redis_state(stack) == "away"
    redis.start()
    wait_until(lambda: redis_state(stack) == "ok", 5, "Redis in use again")
    use(stack, user)


def test_hanging_it_only_delays(stack: Stack, user: dict[str, str], redis: PrivateRedis) -> None:
    assert redis.process is not None
    redis.process.send_signal(signal.SIGSTOP)
    try:
        assert use(stack, user) < ANSWERED_WITHIN_S
        assert redis_state(stack) == "away"
    finally:
        redis.process.send_signal(signal.SIGCONT)
    wait_until(lambda: redis_state(stack) == "ok", 5, "Redis in use again")
    use(stack, user)


def test_wiped_nothing_of_the_users_is_lost(stack: Stack, user: dict[str, str], redis: PrivateRedis) -> None:
    login = httpx.post(f"{stack.url}/api/auth/login", json=user, timeout=20).json()
    with Redis.from_url(redis.url) as client:
        assert client.dbsize() > 0
        client.flushall()
    headers = {"Authorization": f"Bearer {login['access_token']}"}
    status = httpx.get(f"{stack.url}/api/sync/status", headers=headers, timeout=20)
    assert status.status_code == 200
    use(stack, user)


def test_limits_hold_without_it(stack: Stack, redis: PrivateRedis) -> None:
    """Counted in the process alone: guessing passwords does not become free."""
    redis.stop()
    guess = {"username": "mina", "password": "a wrong guess of hers", "device_id": "phone"}
    # Not across the turn of a minute, when counting starts again.
    if (left := 60 - time.time() % 60) < 20:
        time.sleep(left)
    with httpx.Client(base_url=stack.url, timeout=20) as http:
        statuses = [http.post("/api/auth/login", json=guess).status_code for _ in range(LOGINS_A_MINUTE + 5)]
    assert 429 in statuses
    assert set(statuses) == {401, 429}
