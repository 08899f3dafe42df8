"""Parts of a file that is written again for each request."""

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing

from koodtx.byte_ranges import Part
from koodtx.errors import TookTooLong


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
