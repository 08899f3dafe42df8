"""What the histories are worth: they find every planted bug, and none in the code as it is (test_histories.py)."""

from collections.abc import Callable, Iterator

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.errors import FlakyFailure
from hypothesis.stateful import run_state_machine_as_test

from koodtx.sync import pull
from tests.conftest import make_settings
from tests.sync.histories.bugs import BUGS, COUNT_NO_READINGS, SEEDS, planted
from tests.sync.histories.machine import Histories
from tests.sync.histories.world import World

pytestmark = [pytest.mark.sync, pytest.mark.integration]

# What a bug shows as: a wrong state or count, a broken constraint; a race may end otherwise when it is repeated.
_FOUND = (AssertionError, psycopg.IntegrityError, FlakyFailure)


def find(name: str, first: int, histories: int, world: World) -> None:
    """Searches from a seed, at most so many histories, for whatever goes wrong with the bug."""
    asks = {"world": world, "always_restores": name == "generation ignored"}
    machine = seed(first)(type("Machine", (Histories,), asks))
    # As found, not made smaller.
    search = settings(
        max_examples=histories,
        stateful_step_count=30,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )
    with planted(name, world.owner), pytest.raises(_FOUND) as found:
        run_state_machine_as_test(machine, settings=search)
    print(f"{name}: in history {world.histories}: {found.value!r:.160}")


@pytest.fixture
def world(
    request: pytest.FixtureRequest, make_database: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    monkeypatch.setattr(pull, "_SLICE", 2)
    name = request.node.callspec.params["name"]
    world = World(make_database(), make_settings, counts_readings=name not in COUNT_NO_READINGS)
    yield world
    world.close()


@pytest.mark.parametrize("name", SEEDS)
def test_a_bug_is_found(name: str, world: World) -> None:
    find(name, SEEDS[name], 100, world)


@pytest.mark.deep
@pytest.mark.parametrize("name", BUGS)
def test_a_bug_is_found_from_any_seed(name: str, world: World) -> None:
    find(name, 1000, 500, world)
