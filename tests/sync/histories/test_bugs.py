"""What the histories are worth: they find every planted bug."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from koodtx.sync import pull
from tests.conftest import make_settings
from tests.sync.histories.bugs import BUGS, COUNT_NO_READINGS, planted
from tests.sync.histories.machine import Histories
from tests.sync.histories.world import World

pytestmark = [pytest.mark.sync, pytest.mark.integration]

# As found, not made smaller; the same histories at every run.
_SEARCH = settings(
    max_examples=300,
    stateful_step_count=30,
    phases=[Phase.generate],
    derandomize=True,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    report_multiple_bugs=False,
)


@pytest.mark.parametrize("name", BUGS)
def test_the_histories_find(name: str, make_database: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pull, "_SLICE", 2)
    world = World(make_database(), make_settings, counts_readings=name not in COUNT_NO_READINGS)
    machine = type("Machine", (Histories,), {"world": world})
    try:
        with planted(name, world.owner), pytest.raises((Exception, ExceptionGroup)) as found:
            run_state_machine_as_test(machine, settings=_SEARCH)
    finally:
        world.close()
    print(f"{name}: found in history {world.histories}: {found.value!r:.200}")
