"""When a message that was not accepted is sent again."""

import random
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koodtx.webhooks.schedule import WAITS_S, next_wait

pytestmark = pytest.mark.unit


def waits(seed: int) -> list[timedelta]:
    """Those of one delivery."""
    random.seed(seed)
    found = []
    while (wait := next_wait(len(found) + 1)) is not None:
        found.append(wait)
    return found


@given(st.integers(min_value=0))
def test_attempts_go_on_for_three_days_and_end(seed: int) -> None:
    found = waits(seed)
    assert timedelta(days=3) <= sum(found, timedelta()) <= timedelta(days=4)
    assert len(found) == len(WAITS_S)
    assert found == sorted(found), "each is longer than the one before"
    assert found[0] < timedelta(seconds=10)


def test_receivers_are_not_met_by_all_at_once() -> None:
    last = {waits(seed)[-1] for seed in range(100)}
    assert len(last) == 100
    assert max(last) - min(last) > timedelta(hours=2)
