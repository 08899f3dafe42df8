"""Arguments of a task: checked against its struct, and the time of a call."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from koodtx.errors import Invalid

Arguments = TypeVar("Arguments", bound=Struct)


def checked_arguments(task: str, struct: type[Arguments], given: Mapping[str, Any]) -> Arguments:
    """`given` as the struct. Raises Invalid, naming the argument that is wrong, missing or unknown."""
    names = struct.__struct_fields__
    unknown = [name for name in given if name not in names]
    if unknown:
        raise Invalid(f"{task}: there is no argument {unknown[0]}; there are {', '.join(names) or 'none'}")
    missing = [
        field.name for field in msgspec.structs.fields(struct) if field.required and given.get(field.name) is None
    ]
    if missing:
        raise Invalid(f"{task}: the argument {missing[0]} is missing")
    try:
        return msgspec.convert(dict(given), struct)
    except msgspec.ValidationError as error:
        raise Invalid(f"{task}: {_named(str(error))}") from error


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


def _named(message: str) -> str:
    """msgspec's "Expected `int`, got `str` - at `$.days`" as "days: Expected `int`, got `str`"."""
    found = re.fullmatch(r"(.*) - at `\$\.?(.*)`", message)
    return f"{found[2]}: {found[1]}" if found and found[2] else message
