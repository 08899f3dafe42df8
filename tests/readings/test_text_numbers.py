"""Which texts are numbers, and what becomes of them."""

import json
from decimal import Decimal
from typing import Any

import numpy as np
import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from koodtx.readings.blocks import Group
from koodtx.readings.text_numbers import converted, is_number_text

NUMBERS = ["0", "-0", "5", "-12", "0.12", "1.50", "1e5", "-2.5E-3", "9007199254740993", "0.1000000000000000055511"]
OTHERS: list[Any] = [
    "", "-", "+5", " 5", "5 ", "05", ".5", "5.", "0x1F", "1e", "1e400", "1,5", "1_000", "NaN", "Infinity", "null",
    "\u0665", "5\n", "1" * 65, "2025-10-09", 5, 0.5, None, True, ["5"], {"a": "5"},
]  # fmt: skip


@pytest.mark.unit
@pytest.mark.parametrize("text", NUMBERS)
def test_a_number_as_json_writes_it_is_a_number(text: str) -> None:
    assert is_number_text(text)
    [number] = converted(Group("a", np.array([0]), np.array([0.0]), {"k": [text]})).values["k"]
    assert not isinstance(number, str)
    assert Decimal(number) == Decimal(text) or float(text) == number


@pytest.mark.unit
@pytest.mark.parametrize("value", OTHERS, ids=repr)
def test_everything_else_is_not(value: Any) -> None:
    assert not is_number_text(value)
    assert converted(Group("a", np.array([0]), np.array([0.0]), {"k": [value]})).values["k"] == [value]


@pytest.mark.unit
@given(number=st.integers() | st.floats(allow_nan=False, allow_infinity=False, min_value=-1e90, max_value=1e90))
def test_a_number_that_json_wrote_becomes_that_number(number: float) -> None:
    text = json.dumps(number)
    if is_number_text(text):
        [found] = converted(Group("a", np.array([0]), np.array([0.0]), {"k": [text]})).values["k"]
        assert (type(found), found) == (type(number), number)


@pytest.mark.integration
def test_sql_has_the_same_rule(db: psycopg.Connection[Any]) -> None:
    values = [*NUMBERS, *OTHERS]
    query = "select analytics.is_number_text(v) from jsonb_array_elements(%s::jsonb) with ordinality as e (v, place)"
    found = [is_number for (is_number,) in db.execute(query + " order by place", [json.dumps(values)])]
    assert found == [is_number_text(value) for value in values]
