"""Random histories of teams and shares agree with a model (machine.py, model.py), and find every planted bug."""

from collections.abc import Iterator

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, seed
from hypothesis import settings as profile
from hypothesis.errors import Flaky
from hypothesis.stateful import run_state_machine_as_test

from koodtx.settings import Settings
from tests.sharing.bugs import BUGS
from tests.sharing.harness import Harness
from tests.sharing.machine import machine_of
from tests.sync.histories.bugs import edited

pytestmark = [pytest.mark.sync, pytest.mark.integration]

# Failures as found, not made smaller.
_SEARCH = profile(
    max_examples=25, stateful_step_count=20, phases=[Phase.generate], database=None, deadline=None,
    suppress_health_check=list(HealthCheck), report_multiple_bugs=False,
)  # fmt: skip


@pytest.fixture
def harness(settings: Settings) -> Iterator[Harness]:
    harness = Harness(settings)
    yield harness
    harness.close()


def test_histories(harness: Harness) -> None:
    run_state_machine_as_test(machine_of(harness), settings=profile(max_examples=8, stateful_step_count=25))


@pytest.mark.long
def test_more_histories(harness: Harness) -> None:
    run_state_machine_as_test(machine_of(harness), settings=profile(max_examples=100, stateful_step_count=25))


@pytest.mark.deep
def test_many_histories(harness: Harness) -> None:
    run_state_machine_as_test(machine_of(harness), settings=profile(max_examples=1000, stateful_step_count=40))


@pytest.mark.long
@pytest.mark.parametrize("name", BUGS)
def test_a_bug_of_sharing_is_found(name: str, harness: Harness) -> None:
    bug = BUGS[name]
    harness.owner.execute(edited(bug.file, [bug]).encode())
    for number in range(1, 13):
        try:
            run_state_machine_as_test(seed(number)(machine_of(harness)), settings=_SEARCH)
        except (AssertionError, psycopg.Error, Flaky):
            break
    assert isinstance(harness.failure, AssertionError | psycopg.Error)
