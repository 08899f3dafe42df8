"""What the histories are worth: they find every planted bug, and none in the code as it is (test_histories.py)."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import suppress

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.errors import Flaky
from hypothesis.stateful import run_state_machine_as_test
from psycopg.errors import SerializationFailure

from koodtx.sync.pull import stream
from tests.support.marks import long_except
from tests.support.settings import make_settings
from tests.sync.histories.bugs import BUGS, COUNT_NO_READINGS, SEEDS, planted
from tests.sync.histories.harness import Harness
from tests.sync.histories.machine import Histories

pytestmark = [pytest.mark.sync, pytest.mark.integration]

# The planted bug that make test has too.
_QUICK = "duplicates counted as updated"
# Failures as found, not made smaller.
_SEARCH = settings(
    max_examples=25,
    stateful_step_count=30,
    phases=[Phase.generate],
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    report_multiple_bugs=False,
)


def find(name: str, first: int, histories: int, harness: Harness) -> None:
    """Short searches from one seed after another, at most so many histories.

    A bug shows as a wrong state or count, as a broken constraint, or as readings under a sensor type of somebody else;
    a race may end otherwise when it is repeated.
    """
    asks = {"harness": harness, "always_restores": name == "sync epoch ignored"}
    with planted(name, harness.owner):
        for number in itertools.count(first):
            machine = seed(number)(type("Machine", (Histories,), asks))
            with suppress(AssertionError, psycopg.Error, Flaky):
                run_state_machine_as_test(machine, settings=_SEARCH)
            if harness.failure is not None or harness.histories > histories:
                break
    assert isinstance(harness.failure, AssertionError | psycopg.IntegrityError | SerializationFailure)
    print(f"{name}: in history {harness.histories}: {harness.failure!r:.160}")


@pytest.fixture
def harness(
    request: pytest.FixtureRequest, make_database: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Harness]:
    monkeypatch.setattr(stream, "_SLICE", 2)
    name = request.node.callspec.params["name"]
    harness = Harness(make_database(), make_settings, counts_readings=name not in COUNT_NO_READINGS)
    yield harness
    harness.close()


@pytest.mark.parametrize("name", long_except(BUGS, _QUICK))
def test_a_bug_is_found(name: str, harness: Harness) -> None:
    find(name, SEEDS.get(name, 1), 200, harness)


@pytest.mark.deep
@pytest.mark.parametrize("name", BUGS)
def test_a_bug_is_found_from_any_seed(name: str, harness: Harness) -> None:
    find(name, 1000, 500, harness)
