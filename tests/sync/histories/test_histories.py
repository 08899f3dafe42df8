"""Random histories of sync on a real database: machine.py has what may happen, model.py what has to come of it."""

from collections.abc import Callable, Iterator

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from koodtx.sync.pull import stream
from tests.conftest import make_settings
from tests.sync.histories.machine import Histories
from tests.sync.histories.world import World

pytestmark = [pytest.mark.sync, pytest.mark.integration]


@pytest.fixture
def world(make_database: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    # So that even a few readings take several slices.
    monkeypatch.setattr(stream, "_SLICE", 2)
    world = World(make_database(), make_settings)
    yield world
    world.close()


def run(world: World, histories: int) -> None:
    machine = type("Machine", (Histories,), {"world": world})
    run_state_machine_as_test(machine, settings=settings(max_examples=histories, stateful_step_count=30))


def test_histories(world: World) -> None:
    run(world, settings().max_examples)


@pytest.mark.deep
def test_many_histories(world: World) -> None:
    run(world, 2000)
