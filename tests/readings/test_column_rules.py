"""Which numbers a column holds exactly."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koodtx.readings.column_rules import numbers

pytestmark = [pytest.mark.unit]

HELD: list[Any] = [0, -0.0, 5, -1.5, 2**53, -(2**53), 1e-100, -1e-100, 0.1]
LEFT: list[Any] = [2**53 + 1, 10**400, 1e16, 1e-101, True, None, "5", [1], {}]


@pytest.mark.parametrize("value", HELD, ids=repr)
def test_a_number_is_held_exactly(value: Any) -> None:
    [found] = numbers([value], "x").tolist()
    assert found == value
    assert math.copysign(1, found) == math.copysign(1, value)


@pytest.mark.parametrize("value", LEFT, ids=lambda value: repr(value)[:20])
def test_what_a_column_cannot_hold_is_left(value: Any) -> None:
    assert math.isnan(numbers([value], "x")[0])


@pytest.mark.parametrize(("column", "limit"), [("latitude", 90), ("longitude", 180)])
def test_a_position_beyond_the_globe_is_left(column: str, limit: int) -> None:
    found = numbers([limit, -limit, limit + 1e-9], column).tolist()
    assert found[:2] == [limit, -limit]
    assert math.isnan(found[2])


@given(values=st.lists(st.sampled_from(HELD + LEFT) | st.floats(allow_nan=False, allow_infinity=False) | st.integers()))
def test_one_by_one_gives_the_same_as_all_at_once(values: list[Any]) -> None:
    together = numbers(values, "x").tolist()
    alone = [numbers([value], "x")[0] for value in values]
    assert list(map(repr, together)) == [repr(float(value)) for value in alone]
