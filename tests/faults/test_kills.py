"""Parts killed under load, one after another: what was acknowledged is there, once, and the service comes back."""

import os
import random
import signal
import sys
import time
from collections import Counter

import psycopg
import pytest

from tests.faults import ledger
from tests.faults.recorder import Recorder, recording
from tests.faults.stack import Stack, running_stack
from tests.support.waiting import wait_until

pytestmark = [
    pytest.mark.faults,
    pytest.mark.integration,
    pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc"),
]

PHONES = 8
ROUNDS = 20
VICTIMS = ("api", "postgres", "redis", "api_worker", "connection")
BACK_WITHIN_S = 10


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.deep) for seed in range(2, 7))])
def test_nothing_acknowledged_is_lost_or_counted_twice(seed: int) -> None:
    chance = random.Random(seed)
    back_after: dict[str, list[float]] = {victim: [] for victim in VICTIMS}
    with running_stack() as stack:
        check_durable(stack)
        with recording(stack.url, PHONES, seed) as recorders:
            wait_until(lambda: all(recorder.replies for recorder in recorders), 30, "a push of each phone")
            for number in range(ROUNDS):
                time.sleep(chance.uniform(0.2, 0.8))
                victim = VICTIMS[number % len(VICTIMS)]
                back_after[victim].append(kill(stack, victim, recorders))
        with stack.database() as db:
            readings = ledger.check(recorders, stack.url, db)
    report(recorders, readings, back_after)


def kill(stack: Stack, victim: str, recorders: list[Recorder]) -> float:
    """Kills a part; the seconds until the service was well again and had answered a push that began afterwards."""
    pid = getattr(stack, victim)()
    os.kill(pid, signal.SIGKILL)
    killed_at = time.monotonic()

    def is_back() -> bool:
        return any(recorder.acknowledged_from > killed_at for recorder in recorders) and stack.is_healthy()

    # A machine so busy that the first start took long gets the time of two such starts.
    limit_s = max(BACK_WITHIN_S, 2 * stack.started_in_s)
    try:
        return wait_until(is_back, limit_s, f"the service after the kill of {victim}")
    except AssertionError as error:
        raise AssertionError(f"{error}; koodtx up says: {stack.said()}") from error


def check_durable(stack: Stack) -> None:
    """A database that does not write through could pass these tests and lose everything at a power cut."""
    with stack.database() as db:
        for name in ("fsync", "full_page_writes", "synchronous_commit"):
            assert show(db, name) == "on"


def show(db: psycopg.Connection[tuple[str]], name: str) -> str:
    row = db.execute("select current_setting(%s)", [name]).fetchone()
    assert row is not None
    return row[0]


def report(recorders: list[Recorder], readings: int, back_after: dict[str, list[float]]) -> None:
    failures = sum((recorder.failures for recorder in recorders), Counter())
    replies = [reply for recorder in recorders for reply in recorder.replies]
    replayed = sum(reply.get("replayed", False) for reply in replies)
    print(f"{readings} readings in {len(replies)} pushes, {replayed} of them answered by a later try; {dict(failures)}")
    for victim, seconds in back_after.items():
        print(f"{victim}: back after {', '.join(f'{s:.1f}' for s in seconds)} s")
    # Kills that hit no push under way would prove little.
    assert replayed + failures.total() > 0
