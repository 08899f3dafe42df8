"""Clients that break off at any moment of a push or a pull, and pulls whose server breaks off."""

import os
import random
import signal
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import httpx
import pytest

from tests.faults.process_info import memory_mib, open_files
from tests.faults.raw_http import connect, encode, is_json, read_reply, request, reset
from tests.faults.stack import Stack, running_stack
from tests.support.readings import START_MS
from tests.support.requests import register_at
from tests.support.waiting import wait_until

pytestmark = [
    pytest.mark.faults,
    pytest.mark.integration,
    pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc"),
]

AT_ONCE = 8
DISCONNECTS = 300
READINGS = 500
LONG = 40_000
# Less than the bodies of all broken pushes together: one that is not given back would soon stop the others.
BYTES_IN_FLIGHT = 2_500_000
GROWTH_MIB = 24


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with running_stack(KOODTX_MAX_BYTES_IN_FLIGHT=str(BYTES_IN_FLIGHT)) as stack:
        yield stack


@pytest.fixture(scope="module")
def headers(stack: Stack) -> dict[str, str]:
    """Of an account with one long session."""
    headers = register_at(stack.url, "mina")
    for first in range(0, LONG, LONG // 4):
        assert post(stack, headers, "/api/sync/push", push("long", range(first, first + LONG // 4))).status_code == 200
    return headers


def push(session_id: str, numbers: range) -> dict[str, Any]:
    items = [
        {"sensor_type": "accelerometer", "timestamp": START_MS + number * 10, "data": {"x": number, "y": 0.5, "z": -1}}
        for number in numbers
    ]
    session = {"session_id": session_id, "start_time": "2025-10-09T08:53:20Z"}
    return {"session": session, "push_id": f"push-{numbers.start}", "sensor_data": items}


def post(stack: Stack, headers: dict[str, str], path: str, document: Any) -> httpx.Response:
    typed = {"Content-Type": "application/json", **headers}
    return httpx.post(stack.url + path, headers=typed, content=encode(document), timeout=30)


def pull_of(session_id: str) -> dict[str, Any]:
    return {"session_ids": [session_id]}


def break_push(url: str, headers: dict[str, str], document: Any, chance: random.Random) -> None:
    """Somewhere in the request, or when all is sent and not answered."""
    message = request("/api/sync/push", headers, document)
    connection = connect(url)
    connection.sendall(message[: chance.choice([len(message), chance.randrange(1, len(message))])])
    time.sleep(chance.uniform(0, 0.05))
    chance.choice([reset, lambda it: it.close()])(connection)


def break_pull(url: str, headers: dict[str, str], chance: random.Random) -> None:
    """Somewhere in the reply. What was received until then is not valid JSON."""
    with closing(connect(url, receive_buffer=chance.choice([4096, 262_144]))) as connection:
        connection.sendall(request("/api/sync/pull", headers, pull_of("long")))
        limit = chance.randrange(0, 1_500_000)
        if reply := read_reply(connection, limit) if limit > 1000 else None:
            # A busy machine may have to ask for patience; then the reply is whole.
            assert (reply.status, is_json(reply.body)) in ((200, False), (503, True))
        if chance.random() < 0.5:
            reset(connection)


def in_threads(work: Callable[[int], object], times: int) -> None:
    with ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(work, range(times)))


def connections(stack: Stack) -> Counter[str]:
    """How many of the API's database connections are in which state."""
    query = "select state from pg_stat_activity where usename = 'koodtx_app'"
    with stack.database() as db:
        return Counter(state for (state,) in db.execute(query))


def test_clients_that_break_off_leave_nothing_behind(stack: Stack, headers: dict[str, str]) -> None:
    pushes = [push("broken", range(n * READINGS, (n + 1) * READINGS)) for n in range(DISCONNECTS // 2)]

    def break_one(number: int) -> None:
        chance = random.Random(number)
        if number % 2:
            break_pull(stack.url, headers, chance)
        else:
            break_push(stack.url, headers, pushes[number // 2], chance)

    worker = stack.api_worker()
    in_threads(break_one, DISCONNECTS // 2)
    warm = memory_mib(worker)
    files = open_files(worker)
    in_threads(lambda number: break_one(DISCONNECTS // 2 + number), DISCONNECTS // 2)

    wait_until(lambda: set(connections(stack)) == {"idle"}, 10, "connections at rest")
    assert stack.api_worker() == worker
    grown = memory_mib(worker) - warm
    print(f"memory {warm:.0f} MiB, {grown:+.1f} MiB after {DISCONNECTS // 2} more; files {files}, {open_files(worker)}")
    assert grown < GROWTH_MIB
    wait_until(lambda: open_files(worker) <= files + 4, 10, "closed sockets")
    check_sent_again(stack, headers, pushes)


def check_sent_again(stack: Stack, headers: dict[str, str], pushes: list[dict[str, Any]]) -> None:
    """Those that were applied although the answer was not received are answered as before; each reading counts once."""
    replies = [post(stack, headers, "/api/sync/push", document) for document in pushes]
    assert {reply.status_code for reply in replies} == {200}
    replayed = sum(reply.json().get("replayed", False) for reply in replies)
    print(f"{replayed} of {len(pushes)} broken pushes had been applied")
    assert 0 < replayed < len(pushes)
    assert [reply.json()["inserted"] for reply in replies] == [READINGS] * len(pushes)
    whole = post(stack, headers, "/api/sync/pull", pull_of("broken")).json()["sessions"][0]
    expected = [item for document in pushes for item in document["sensor_data"]]
    assert whole["data_count"] == len(expected)
    assert sorted(whole["sensor_data"], key=lambda item: item["timestamp"]) == expected


def test_nobody_gets_what_was_meant_for_one_who_left(stack: Stack, headers: dict[str, str]) -> None:
    """Others pull their own, and only that, while pulls of a long session are broken off."""
    accounts = {f"other{number}": register_at(stack.url, f"other{number}") for number in range(4)}
    for name, own in accounts.items():
        post(stack, own, "/api/sync/push", push(name, range(50)))

    def pull_own_and_break(number: int) -> None:
        break_pull(stack.url, headers, random.Random(number))
        name = f"other{number % len(accounts)}"
        reply = post(stack, accounts[name], "/api/sync/pull", {}).json()
        assert [session["session_id"] for session in reply["sessions"]] == [name]

    in_threads(pull_own_and_break, 64)


def break_queries(stack: Stack, is_over: threading.Event) -> int:
    """Ends whichever connection of the API is just reading readings; how many were."""
    query = """
        select count(pg_terminate_backend(pid)) from pg_stat_activity
        where usename = 'koodtx_app' and state = 'active' and query like '%app.readings%'
    """
    ended = 0
    with stack.database() as db:
        while not is_over.wait(0.01):
            row = db.execute(query).fetchone()
            ended += row[0] if row else 0
    return ended


def test_a_pull_cut_by_the_database_is_no_json(stack: Stack, headers: dict[str, str]) -> None:
    is_over = threading.Event()
    with ThreadPoolExecutor(1) as threads:
        ended = threads.submit(break_queries, stack, is_over)
        try:
            cuts = sum(is_cut(stack, headers) for _ in range(12))
        finally:
            is_over.set()
        assert ended.result() > 0
    assert cuts > 0
    assert not is_cut(stack, headers)


def test_a_pull_cut_by_the_end_of_the_api_is_no_json(stack: Stack, headers: dict[str, str]) -> None:
    cuts = 0
    for _ in range(3):
        worker = stack.api_worker()
        cuts += is_cut(stack, headers, at_first_byte=lambda worker=worker: os.kill(worker, signal.SIGKILL))
        wait_until(stack.is_healthy, 10, "another worker")
    assert cuts > 0
    assert not is_cut(stack, headers)


def is_cut(stack: Stack, headers: dict[str, str], at_first_byte: Callable[[], object] = lambda: None) -> bool:
    """Pulls the long session, reading slowly. True when the reply was cut off; a whole one has all readings."""
    connection = connect(stack.url, receive_buffer=4096)
    connection.sendall(request("/api/sync/pull", headers, pull_of("long")))
    connection.recv(1, socket.MSG_PEEK)
    at_first_byte()
    reply = read_reply(connection)
    connection.close()
    if reply is None or reply.status == 503:
        return False
    if reply.is_whole:
        assert reply.status == 200
        assert reply.body.count(b'"timestamp"') == LONG
    else:
        assert not is_json(reply.body)
    return not reply.is_whole
