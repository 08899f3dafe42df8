"""The histories of rollups find every planted bug, and none in the SQL as it is."""

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.errors import Flaky
from hypothesis.stateful import run_state_machine_as_test

from tests.rollups.bugs import BUGS, COMMUNITY_BUGS, PORTABLE_BUGS
from tests.rollups.harness import Harness
from tests.rollups.machine import machine_of
from tests.support.marks import long_except
from tests.sync.histories.bugs import Edit, edited

pytestmark = [pytest.mark.sync, pytest.mark.integration]

# The planted bug that make test has too.
_QUICK = "quota not given back"
# Failures as found, not made smaller.
_SEARCH = settings(
    max_examples=25, stateful_step_count=20, phases=[Phase.generate], database=None, deadline=None,
    suppress_health_check=list(HealthCheck), report_multiple_bugs=False,
)  # fmt: skip


def find(harness: Harness, bug: Edit) -> None:
    """Short searches from one seed after another, at most 300 histories."""
    harness.owner.execute(edited(bug.file, [bug]).encode())
    for number in range(1, 13):
        try:
            run_state_machine_as_test(seed(number)(machine_of(harness)), settings=_SEARCH)
        except (AssertionError, psycopg.Error, Flaky):
            break
    assert isinstance(harness.failure, AssertionError | psycopg.Error)


@pytest.mark.parametrize("name", long_except(BUGS, _QUICK))
def test_a_bug_of_rollups_is_found(name: str, harness: Harness) -> None:
    find(harness, BUGS[name])


@pytest.mark.long
@pytest.mark.parametrize("name", PORTABLE_BUGS)
def test_a_bug_of_stored_partials_is_found(name: str, harness: Harness) -> None:
    if harness.is_community:
        pytest.skip("continuous aggregates take the place of stored partials")
    find(harness, PORTABLE_BUGS[name])


@pytest.mark.long
@pytest.mark.parametrize("name", COMMUNITY_BUGS)
def test_a_bug_of_continuous_aggregates_is_found(name: str, harness: Harness) -> None:
    if not harness.is_community:
        pytest.skip("this server has no TimescaleDB Community")
    find(harness, COMMUNITY_BUGS[name])
