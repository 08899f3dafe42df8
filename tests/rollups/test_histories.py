"""Random histories of pushes, late data, archiving, refreshes and deletes: machine.py has what may happen."""

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.rollups.harness import Harness
from tests.rollups.machine import machine_of

pytestmark = [pytest.mark.sync, pytest.mark.integration]


def test_rollups_of_histories(harness: Harness) -> None:
    run_state_machine_as_test(machine_of(harness), settings=settings(max_examples=6, stateful_step_count=15))


@pytest.mark.long
def test_rollups_of_more_histories(harness: Harness) -> None:
    run_state_machine_as_test(machine_of(harness), settings=settings(stateful_step_count=15))


@pytest.mark.deep
def test_rollups_of_many_histories(harness: Harness) -> None:
    run_state_machine_as_test(machine_of(harness), settings=settings(max_examples=1000, stateful_step_count=25))
