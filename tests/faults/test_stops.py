"""`koodtx up` stopped or killed under load: nothing runs on, nothing acknowledged is lost, the next start works."""

import signal
import sys
from collections.abc import Collection

import pytest

from koodtx.processes.addresses import is_port_free
from tests.faults import ledger
from tests.faults.recorder import Recorder, recording
from tests.faults.stack import Stack, running_stack
from tests.support.waiting import wait_until

pytestmark = [
    pytest.mark.faults,
    pytest.mark.integration,
    pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc"),
]

PHONES = 4
ENDED_WITHIN_S = 20


def wait_for_replies(recorders: list[Recorder], more: int) -> None:
    """Until each phone has had `more` further pushes answered."""
    wanted = [len(recorder.replies) + more for recorder in recorders]
    wait_until(
        lambda: all(len(recorder.replies) >= n for recorder, n in zip(recorders, wanted, strict=True)),
        30,
        f"{more} answered pushes of each phone",
    )


def wait_for_end(stack: Stack, processes: Collection[int]) -> None:
    """The API may still be answering whom it has let in."""
    wait_until(lambda: not stack.processes().keys() & processes, ENDED_WITHIN_S, "the end of these processes")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_ends_everything_and_the_next_start_finds_the_data(number: signal.Signals) -> None:
    with running_stack() as stack:
        with recording(stack.url, PHONES, seed=number) as recorders:
            wait_for_replies(recorders, 3)
            assert stack.signal(number) == 0
            assert stack.processes() == {}
            assert is_port_free("127.0.0.1", stack.port)
            assert not (stack.folder / "data/env").exists()
            stack.start()
            wait_for_replies(recorders, 3)
        with stack.database() as db:
            ledger.check(recorders, stack.url, db)
        assert stack.said().count("Stopped. The data are kept.") == 1
        assert "ended (" not in stack.said()


def test_killed_itself_it_takes_its_children_along() -> None:
    with running_stack() as stack:
        processes = stack.processes()
        assert stack.signal(signal.SIGKILL) == -signal.SIGKILL
        wait_for_end(stack, processes)
        stack.start()


def test_killed_and_started_at_once_it_finds_the_data() -> None:
    with running_stack() as stack:
        with recording(stack.url, PHONES, seed=9) as recorders:
            for _ in range(2):
                wait_for_replies(recorders, 3)
                before = stack.processes()
                stack.signal(signal.SIGKILL)
                stack.start()
                wait_for_end(stack, before)
            wait_for_replies(recorders, 3)
        with stack.database() as db:
            ledger.check(recorders, stack.url, db)


def test_only_one_for_a_folder() -> None:
    """The second refuses in words and harms nothing of the first."""
    with running_stack() as stack:
        second = stack.spawn()
        assert second.wait(30) == 1
        assert "Another `koodtx up` runs" in stack.said()
        assert stack.is_healthy()
