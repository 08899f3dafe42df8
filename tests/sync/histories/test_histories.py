"""Random histories of sync on a real database: machine.py has what may happen, model.py what has to come of it."""

from collections.abc import Callable, Iterator

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from koodtx.sync.pull import stream
from tests.support.settings import make_settings
from tests.sync.histories.harness import Harness
from tests.sync.histories.machine import Histories

pytestmark = [pytest.mark.sync, pytest.mark.integration]


@pytest.fixture
def harness(make_database: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Harness]:
    # So that even a few readings take several slices.
    monkeypatch.setattr(stream, "_SLICE", 2)
    harness = Harness(make_database(), make_settings)
    yield harness
    harness.close()


def run(harness: Harness, histories: int) -> None:
    machine = type("Machine", (Histories,), {"harness": harness})
    run_state_machine_as_test(machine, settings=settings(max_examples=histories, stateful_step_count=30))


def test_histories(harness: Harness) -> None:
    run(harness, 6)


@pytest.mark.long
def test_more_histories(harness: Harness) -> None:
    run(harness, settings().max_examples)


@pytest.mark.deep
def test_many_histories(harness: Harness) -> None:
    run(harness, 2000)
