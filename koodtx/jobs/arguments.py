"""Arguments of a task: checked against its struct, and the time of a call."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from koodtx.errors import FieldError, Invalid
from koodtx.json import in_json_words

Arguments = TypeVar("Arguments", bound=Struct)

# So much of a name that nobody knows is repeated in the error.
_SHOWN = 64


def checked_arguments(task: str, struct: type[Arguments], given: Mapping[str, Any], *, within: str = "") -> Arguments:
    """`given` as the struct. Raises Invalid, naming the argument that is wrong, missing or unknown, as a field `within`
    one of the request.
    """

    def wrong(argument: str, message: str, detail: str) -> Invalid:
        field = ".".join(part for part in (within, argument) if part)
        return Invalid(f"{task}: {detail}", errors=[FieldError(field, message)])

    names = struct.__struct_fields__
    unknown = [name for name in given if name not in names]
    if unknown:
        message = f"there is no argument {unknown[0][:_SHOWN]}; there are {', '.join(names) or 'none'}"
        raise wrong(unknown[0][:_SHOWN], message, message)
    missing = [
        field.name for field in msgspec.structs.fields(struct) if field.required and given.get(field.name) is None
    ]
    if missing:
        raise wrong(missing[0], "is missing", f"the argument {missing[0]} is missing")
    try:
        arguments = msgspec.convert(dict(given), struct)
    except msgspec.ValidationError as error:
        argument, message = in_words(str(error))
        raise wrong(argument, message, f"{argument}: {message}" if argument else message) from error
    for name, value in msgspec.to_builtins(arguments).items():
        if has_nul(value):
            raise wrong(name, "must not contain NUL characters", f"{name} must not contain NUL characters")
    return arguments


def argument_of(text: str) -> tuple[str, Any]:
    """The name and the value of `NAME=VALUE`; a value is JSON, or plain text. Raises Invalid."""
    name, equals, value = text.partition("=")
    if not equals:
        raise Invalid(f"{text}: an argument must be NAME=VALUE")
    try:
        return name, msgspec.json.decode(value)
    except msgspec.DecodeError:
        return name, value


def run_at_of(labels: Mapping[str, Any]) -> datetime | None:
    """From the labels `run_at` (ISO 8601, with a time zone) or `delay` (seconds); None: at once. Raises Invalid."""
    at, delay_s = labels.get("run_at"), labels.get("delay")
    try:
        when = datetime.fromisoformat(str(at)) if at is not None else None
        if when is None and delay_s is not None:
            when = datetime.now(UTC) + timedelta(seconds=float(delay_s))
    except (ValueError, OverflowError) as error:
        raise Invalid(f"run_at or delay: {error}") from error
    if when is not None and when.tzinfo is None:
        raise Invalid("run_at has no time zone")
    # Jobs of one rank run in the order of this time: nobody gets ahead of others by one that has passed.
    return when if when is None or when > datetime.now(UTC) else None


def has_nul(value: Any) -> bool:
    """Whether a text in it has a character that PostgreSQL cannot store."""
    # Without recursion: JSON may be nested more deeply than calls of functions.
    left = [value]
    while left:
        part = left.pop()
        if isinstance(part, dict):
            left += [*part, *part.values()]
        elif isinstance(part, list):
            left += part
        elif isinstance(part, str) and "\0" in part:
            return True
    return False


def in_words(message: str) -> tuple[str, str]:
    """msgspec's "Expected `int`, got `str` - at `$.days`" as "days", "Expected `integer`, got `string`"."""
    found = re.fullmatch(r"(.*) - at `\$\.?(.*)`", in_json_words(message), re.DOTALL)
    return (found[2], found[1]) if found else ("", in_json_words(message))
