"""The key whose number goes to the column `value` is decided by the numbers of all readings of a batch."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from koodtx.readings.blocks import Group
from koodtx.readings.value_keys import proposed_value_keys

pytestmark = [pytest.mark.unit]


def groups(contents: list[dict[str, Any]], sensor: str = "strap") -> list[Group]:
    """A group per reading: how readings are grouped must not matter."""
    return [
        Group(sensor, np.array([place]), np.array([place * 1000.0]), {key: [value] for key, value in data.items()})
        for place, data in enumerate(contents)
    ]


def proposed(contents: list[dict[str, Any]]) -> str | None:
    return proposed_value_keys(groups(contents)).get("strap")


NOTHING: list[list[dict[str, Any]]] = [
    [],
    [{}],
    [{"bpm": None}],
    [{"bpm": "61"}],
    [{"bpm": True}, {"bpm": False}],
    [{"bpm": [61]}, {"bpm": {"value": 61}}],
    [{"bpm": 1e60}, {"bpm": 2**60}, {"bpm": 1e-200}],
    [{"x": 1, "y": 2, "z": 3}],
    [{"latitude": 1, "longitude": 2, "altitude": 3, "accuracy": 4, "speed": 5, "bearing": 6}],
    [{"k" * 65: 1}, {"a\0b": 1}],
]


@pytest.mark.parametrize("contents", NOTHING, ids=lambda contents: repr(contents)[:60])
def test_what_is_no_number_of_its_own_decides_nothing(contents: list[dict[str, Any]]) -> None:
    assert proposed(contents) is None


DECIDED: dict[str, tuple[list[dict[str, Any]], str]] = {
    "one number": ([{"foo": 1}], "foo"),
    "value": ([{"value": 1}], "value"),
    "a null first": ([{"bpm": None}, {"bpm": 61}], "bpm"),
    "a text first": ([{"bpm": "off", "state": 1}, {"bpm": 61}, {"bpm": 62}], "bpm"),
    "an odd first reading": ([{"error": 5}, *({"foo": index} for index in range(9))], "foo"),
    "an odd first reading with a known key": ([{"temperature": 20}, *({"foo": index} for index in range(9))], "foo"),
    "a known key beside a more frequent one": ([{"battery": 1}, {"bpm": 61, "battery": 1}], "bpm"),
    "the known key that comes first in the list": ([{"temperature": 20, "pressure": 1000}], "pressure"),
    "the more frequent of two unknown ones": ([{"b": 1, "a": 1}, {"b": 2}], "b"),
    "of equally frequent ones the first by name": ([{"b": 1, "a": 1}], "a"),
    "a number beside axes": ([{"x": 1, "y": 2, "z": 3, "temperature": 20}], "temperature"),
    "a zero": ([{"foo": 0}], "foo"),
}


@pytest.mark.parametrize("name", DECIDED)
def test_numbers_of_the_whole_batch_decide(name: str) -> None:
    contents, expected = DECIDED[name]
    assert proposed(contents) == expected


def test_sensors_decide_for_themselves() -> None:
    both = [*groups([{"lux": 5}], "light"), *groups([{"bpm": None}], "strap"), *groups([{"dB": 40.5}], "microphone")]
    assert proposed_value_keys(both) == {"light": "lux", "microphone": "dB"}


@given(
    contents=st.lists(
        st.dictionaries(st.sampled_from(["bpm", "foo", "bar", "x"]), st.none() | st.integers(0, 9) | st.just("5"))
    ),
    order=st.randoms(use_true_random=False),
)
def test_the_order_of_readings_does_not_matter(contents: list[dict[str, Any]], order: Any) -> None:
    shuffled = list(contents)
    order.shuffle(shuffled)
    assert proposed(shuffled) == proposed(contents)
