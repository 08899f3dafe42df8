"""Parts of a file that a client asks for: RFC 9110, section 14, one range of bytes."""

import re
from typing import NamedTuple

_ONE_RANGE = re.compile(r"bytes=\s*(\d{0,18})-(\d{0,18})\s*", re.ASCII | re.IGNORECASE)


class Asked(NamedTuple):
    """A range as a client asks for it: from a byte on, to a byte (included), or only the last ones."""

    first: int | None
    last: int | None


class Part(NamedTuple):
    """Bytes of a file, `last` included."""

    first: int
    last: int

    @property
    def length(self) -> int:
        return self.last - self.first + 1


def asked_range(header: str | None) -> Asked | None:
    """Returns None for what is answered with the whole file: no range, several, or something else."""
    found = _ONE_RANGE.fullmatch(header or "")
    if found is None or found.groups() == ("", ""):
        return None
    first, last = (int(text) if text else None for text in found.groups())
    is_backwards = first is not None and last is not None and last < first
    return None if is_backwards else Asked(first, last)


def part_of(asked: Asked, length: int) -> Part | None:
    """Returns the part of a file of this length; None: there is no such part."""
    if asked.first is None:
        suffix = min(asked.last or 0, length)
        return Part(length - suffix, length - 1) if suffix else None
    if asked.first >= length:
        return None
    last = length - 1 if asked.last is None else min(asked.last, length - 1)
    return Part(asked.first, last)


def entity_tags(header: str | None) -> list[str]:
    """Returns the ETags of the header If-None-Match."""
    return [tag.strip().removeprefix("W/") for tag in (header or "").split(",")]
