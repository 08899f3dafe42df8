"""What another user sees while a stranger or one account tries to use up the service, and the memory it takes."""

import gzip
import random
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from tests.faults.process_info import memory_mib
from tests.faults.raw_http import connect, request
from tests.faults.stack import Stack, running_stack
from tests.support.readings import START_MS
from tests.support.requests import register_at
from tests.support.waiting import wait_until

pytestmark = [
    pytest.mark.faults,
    pytest.mark.integration,
    pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc"),
]

ATTACK_S = 8
AT_ONCE = 8
# On a busy machine; a quiet one answers in a tenth.
SLOWER_BY_S = 1.0
PEAK_MIB = 260
LET_GO_WITHIN_S = 75
JSON = {"Content-Type": "application/json"}
START = b'{"session":{"session_id":"attack","start_time":"2025-10-09T08:53:20Z"},"sensor_data":['


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with running_stack(KOODTX_LOGINS_PER_MINUTE_ADDRESS="60", KOODTX_MAX_USER_PULLS="4") as stack:
        yield stack


@pytest.fixture(scope="module")
def users(stack: Stack) -> list[dict[str, str]]:
    """The attacker and another user."""
    return [register_at(stack.url, "mallory"), register_at(stack.url, "mina")]


class Seen:
    """What another user got: the seconds that requests took and their status codes; and the API's largest memory."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.statuses: set[int] = set()
        self.peak_mib = 0.0

    @property
    def p99(self) -> float:
        return sorted(self.seconds)[int(len(self.seconds) * 0.99)]


def use(stack: Stack, headers: dict[str, str], seconds: float) -> Seen:
    """Asks for what is stored and pushes one reading, repeatedly."""
    seen, ends_at, worker = Seen(), time.monotonic() + seconds, stack.api_worker()
    with httpx.Client(base_url=stack.url, headers=headers, timeout=30) as http:
        while time.monotonic() < ends_at:
            number = len(seen.seconds)
            item = {"sensor_type": "light", "timestamp": START_MS + number, "data": {"lux": 1}}
            session = {"session_id": "walk", "start_time": "2025-10-09T08:53:20Z"}
            began = time.monotonic()
            seen.statuses.add(http.get("/api/sync/status").status_code)
            seen.statuses.add(http.post("/api/sync/push", json={"session": session, "sensor_data": [item]}).status_code)
            seen.seconds.append(time.monotonic() - began)
            seen.peak_mib = max(seen.peak_mib, memory_mib(worker))
    return seen


def attacked(
    stack: Stack, headers: dict[str, str], attack: Callable[[], object], at_once: int = AT_ONCE
) -> set[object]:
    """Repeats the attack, asserts that the other user's requests go on, and returns what the attacker got."""
    before = use(stack, headers, 2)
    got: set[object] = set()
    with ThreadPoolExecutor(at_once) as threads:
        ends_at = time.monotonic() + ATTACK_S

        def repeat(_: int) -> None:
            while time.monotonic() < ends_at:
                got.add(attack())

        running = [threads.submit(repeat, number) for number in range(at_once)]
        seen = use(stack, headers, ATTACK_S)
        for one in running:
            one.result()
    print(f"p99 {before.p99:.2f} s before, {seen.p99:.2f} s under attack; {seen.peak_mib:.0f} MiB; attacker got {got}")
    assert seen.statuses == {200}
    assert seen.p99 < before.p99 + SLOWER_BY_S
    assert seen.peak_mib < PEAK_MIB
    return got


def sending(stack: Stack, path: str, body: bytes, headers: dict[str, str]) -> Callable[[], int]:
    def attack() -> int:
        return httpx.post(stack.url + path, content=body, headers=JSON | headers, timeout=60).status_code

    return attack


@pytest.mark.parametrize("is_packed", [True, False])
def test_junk_of_strangers(stack: Stack, users: list[dict[str, str]], is_packed: bool) -> None:
    junk = b'{"x":[' + b",".join([b"[{},[1]]"] * 1_000_000) + b"]}"
    headers = {"Content-Encoding": "gzip"} if is_packed else {}
    body = gzip.compress(junk) if is_packed else junk
    assert attacked(stack, users[1], sending(stack, "/api/auth/login", body, headers)) <= {413, 429}


@pytest.mark.parametrize("item", [b"{}", b"1", b'{"sensor_type":"a","timestamp":1,"data":{}}'])
def test_millions_of_items(stack: Stack, users: list[dict[str, str]], item: bytes) -> None:
    body = gzip.compress(START + b",".join([item] * (18_000_000 // (len(item) + 1))) + b"]}")
    headers = users[0] | {"Content-Encoding": "gzip"}
    assert attacked(stack, users[1], sending(stack, "/api/sync/push", body, headers), 2) <= {413, 429}


def test_nested_data(stack: Stack, users: list[dict[str, str]]) -> None:
    """Few bytes and few readings, and yet many values, which are decoded in one go."""
    item = b'{"sensor_type":"a","timestamp":1760000000000,"data":{"k":' + b"[" * 200 + b"]" * 200 + b"}}"
    attack = sending(stack, "/api/sync/push", START + b",".join([item] * 2000) + b"]}", users[0])
    assert attacked(stack, users[1], attack, 4) <= {413, 429}


def hanging_up(stack: Stack, path: str, headers: dict[str, str]) -> Callable[[], None]:
    """A client that opens a stream, or a socket, and leaves in any moment."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in ({"Host": "faults"} | headers).items())
    moments = random.Random(7)

    def attack() -> None:
        with closing(connect(stack.url)) as connection:
            connection.sendall(f"GET {path} HTTP/1.1\r\n{lines}\r\n".encode())
            time.sleep(moments.uniform(0, 0.05))

    return attack


def test_event_streams_that_are_left_at_once(stack: Stack, users: list[dict[str, str]]) -> None:
    """Each is cancelled somewhere between its questions to the database; no connection of the pool is lost by that."""
    attacked(stack, users[1], hanging_up(stack, "/api/v1/events", users[0]))
    assert use(stack, users[1], 2).statuses == {200}


def test_sockets_that_are_left_at_once(stack: Stack, users: list[dict[str, str]]) -> None:
    """Strangers must not fill the log."""
    key = {"Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="}
    headers = {"Connection": "Upgrade", "Upgrade": "websocket"} | key
    attacked(stack, users[1], hanging_up(stack, f"/ws/analysis/{uuid.uuid4()}?token=x", headers))
    assert "Traceback" not in (Path(stack.data_dir) / "api.log").read_text()


@pytest.mark.parametrize("path", ["/api/auth/login", "/api/sync/push"])
def test_unfinished_bodies(stack: Stack, users: list[dict[str, str]], path: str) -> None:
    start = request(path, users[0] | {"Content-Length": "10000000"}, {}) + b" " * 5_000_000

    def hold() -> bool:
        with closing(connect(stack.url)) as connection, suppress(OSError):
            connection.sendall(start)
            return bool(connection.recv(1000))
        return False

    attacked(stack, users[1], hold)


@contextmanager
def unread_pulls(stack: Stack, headers: dict[str, str], count: int) -> Iterator[None]:
    connections = [connect(stack.url, receive_buffer=4096) for _ in range(count)]
    for connection in connections:
        connection.sendall(request("/api/sync/pull", headers, {"page": 1}))
    yield
    for connection in connections:
        connection.close()


def established(stack: Stack) -> int:
    """How many connections to the service are open, as its own end sees it."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(row[1].endswith(f":{stack.port:04X}") and row[3] == "01" for row in rows)


def test_pulls_that_nobody_reads_are_let_go(stack: Stack, users: list[dict[str, str]]) -> None:
    for part in range(3):
        times = range(START_MS + part * 500_000, START_MS + (part + 1) * 500_000, 10)
        items = [{"sensor_type": "acc", "timestamp": at, "data": {"x": at / 7, "note": f"n{at}"}} for at in times]
        body = {"session": {"session_id": "big", "start_time": "2025-10-09T08:53:20Z"}, "sensor_data": items}
        httpx.post(f"{stack.url}/api/sync/push", headers=users[0], json=body, timeout=60).raise_for_status()
    idle = established(stack)
    with unread_pulls(stack, users[0], 30):
        seen = use(stack, users[1], ATTACK_S)
        assert seen.statuses == {200}
        assert seen.p99 < SLOWER_BY_S
        assert seen.peak_mib < PEAK_MIB
        wait_until(lambda: established(stack) <= idle, LET_GO_WITHIN_S, "the end of unread pulls")
