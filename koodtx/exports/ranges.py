"""Parts of a file that is written again for each request: RFC 9110, section 14, one range of bytes."""

import re
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import NamedTuple

from koodtx.errors import TookTooLong

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


async def length_of(pieces: AsyncGenerator[bytes]) -> int:
    """Writes the whole file to nowhere."""
    length = 0
    async with aclosing(pieces):
        async for piece in pieces:
            length += len(piece)
    return length


async def cut(pieces: AsyncGenerator[bytes], part: Part) -> AsyncGenerator[bytes]:
    """Yields the part. What comes before it is written and dropped; what comes after it is not written."""
    position = 0
    async with aclosing(pieces):
        async for piece in pieces:
            wanted = piece[max(0, part.first - position) : max(0, part.last + 1 - position)]
            position += len(piece)
            if wanted:
                yield wanted
            if position > part.last:
                return


async def until(deadline: float, pieces: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    """Yields the pieces. Raises TookTooLong after the deadline, by the monotonic clock."""
    async with aclosing(pieces):
        async for piece in pieces:
            if time.monotonic() > deadline:
                raise TookTooLong("the download took too long")
            yield piece
