"""Random histories of pushes, late data, sealing, refreshes and deletes: machine.py has what may happen."""

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.rollups.machine import machine_of
from tests.rollups.world import World

pytestmark = [pytest.mark.sync, pytest.mark.integration]


def test_rollups_of_histories(world: World) -> None:
    run_state_machine_as_test(machine_of(world), settings=settings(stateful_step_count=15))


@pytest.mark.deep
def test_rollups_of_many_histories(world: World) -> None:
    run_state_machine_as_test(machine_of(world), settings=settings(max_examples=1000, stateful_step_count=25))
