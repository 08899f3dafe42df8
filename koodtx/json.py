"""JSON as clients send it."""

import re
from collections.abc import Collection
from decimal import Decimal
from typing import Any

import msgspec

from koodtx.errors import Malformed

# Every decimal of so few characters is the shortest one of its double, unless that is too large or too small for one.
_SURELY_EXACT = 15

_JSON_WORDS = {
    "int | float": "number", "str": "string", "int": "integer", "float": "number", "decimal": "number",
    "bool": "boolean", "datetime": "date-time", "dict": "object", "list": "array", "tuple": "array", "None": "null",
}  # fmt: skip
_TYPE = re.compile(rf"\b({'|'.join(re.escape(word) for word in _JSON_WORDS)})\b")


def decode_json(body: bytes, decode: Any) -> Any:
    """Returns `decode(body)`. Raises Malformed for what is not JSON, msgspec.ValidationError for wrong types."""
    try:
        return decode(body)
    except msgspec.ValidationError:
        raise
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Malformed(f"the body is not valid JSON: {error}") from error
    except RecursionError as error:
        raise Malformed("the body is nested too deeply") from error


def is_deeper(value: Any, levels: int) -> bool:
    """Whether a decoded value has more levels of objects and lists in each other. It does not call itself."""
    layer = [value] if isinstance(value, dict | list) else []
    for _ in range(levels):
        layer = [part for one in layer for part in _parts(one) if isinstance(part, dict | list)]
    return bool(layer)


def _parts(value: dict[str, Any] | list[Any]) -> Collection[Any]:
    return value.values() if isinstance(value, dict) else value


def in_json_words(message: str) -> str:
    """Returns an error message of msgspec with the types as JSON calls them: "Expected `string`, got `integer`"."""
    message = message.replace("RFC3339 encoded datetime", "RFC 3339 date-time")
    return re.sub(r"(Expected|got) `([^`]+)`", _renamed_types, message)


def _renamed_types(found: re.Match[str]) -> str:
    return f"{found[1]} `{_TYPE.sub(lambda word: _JSON_WORDS[word[0]], found[2])}`"


def exact_number(text: str) -> float | Decimal:
    """A float hook: a double where it is equal to the decimal that was sent, else that decimal."""
    number = float(text)
    if len(text) <= _SURELY_EXACT and 1e-300 < abs(number) < 1e300:
        return number
    written = repr(number)
    return number if written == text or Decimal(written) == Decimal(text) else Decimal(text)
