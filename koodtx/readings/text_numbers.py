"""Numbers that a client sent as text, such as "0.12": counted, and converted where it asks for that."""

import re
from decimal import Decimal
from typing import Any

from koodtx.json import exact_number
from koodtx.readings.blocks import Group

# As JSON writes numbers. With so few digits a double is never too small for them. analytics.is_number_text() in SQL.
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]{1,2})?")
_MAX_LENGTH = 64


def is_number_text(value: Any) -> bool:
    """Whether a value of `data` is a text that JSON would read as a number."""
    return type(value) is str and len(value) <= _MAX_LENGTH and _NUMBER.fullmatch(value) is not None


def converted(group: Group) -> Group:
    """Returns the group with numbers in place of the texts of numbers, not of those within lists and objects."""
    values = {key: _numbers(column) if str in map(type, column) else column for key, column in group.values.items()}
    return Group(group.sensor, group.places, group.micros, values)


def _numbers(values: list[Any]) -> list[Any]:
    return [_number(value) if is_number_text(value) else value for value in values]


def _number(text: str) -> int | float | Decimal:
    """As the same number without quotation marks is decoded."""
    return int(text) if text.lstrip("-").isdigit() else exact_number(text)
