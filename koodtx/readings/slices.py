"""Blocks cut by time, so that one statement has to do with few chunks, however many days a batch spans."""

from collections.abc import Iterator

import numpy as np

from koodtx.readings.blocks import Block, Integers

# Four chunks, unless the operator chose another width for them. Measured with a reading per day: a chunk at a time
# takes three times as long, the time of all at once grows with the square of the days.
_WIDTH_US = 28 * 86_400 * 1_000_000


def slices(blocks: list[Block]) -> Iterator[list[Block]]:
    """Yields the parts of blocks that lie within four weeks of each other, by time. A short batch stays whole."""
    starts = _starts([block.micros for block in blocks])
    if len(starts) == 1:
        yield blocks
        return
    bounds = [np.append(np.searchsorted(block.micros, starts), len(block)).tolist() for block in blocks]
    for index in range(len(starts)):
        yield [
            _part(block, places[index], places[index + 1])
            for block, places in zip(blocks, bounds, strict=True)
            if places[index] < places[index + 1]
        ]


def is_short(block: Block) -> bool:
    """Whether a block has to do with few chunks."""
    return bool(block.micros[-1] - block.micros[0] < _WIDTH_US)


def _starts(micros: list[Integers]) -> list[int]:
    """Where parts begin: each with a reading, so that years without any cost nothing."""
    if max(int(times[-1]) for times in micros) - (first := min(int(times[0]) for times in micros)) < _WIDTH_US:
        return [first]
    times = np.unique(np.concatenate(micros))
    starts = []
    place = 0
    while place < len(times):
        starts.append(int(times[place]))
        place = int(np.searchsorted(times, starts[-1] + _WIDTH_US))
    return starts


def _part(block: Block, start: int, end: int) -> Block:
    columns = {name: column[start:end] for name, column in block.columns.items()}
    extra = None if block.extra is None else block.extra[start:end]
    return Block(block.sensor_type_id, block.micros[start:end], columns, extra)
