"""How many items a JSON array has, before anything is made of them."""

import re

import numpy as np

_CHUNK = 1_000_000
# An escape takes two bytes, of which neither opens or closes anything.
_ESCAPES = re.compile(rb"\\.", re.DOTALL)
_EMPTY = re.compile(rb"\s*(\[\s*\])?\s*")
_QUOTE, _COMMA = ord('"'), ord(",")


def count_items(array: bytes, at_most: int) -> int:
    """Returns the number of items of an array, or a number above `at_most` as soon as there are more.

    Of text that is not JSON it returns some number; decoding it reports the fault.
    """
    if _EMPTY.fullmatch(array):
        return 0
    count, depth, in_text = 1, 0, False
    start = 0
    while start < len(array) and count <= at_most:
        end = _end_of_chunk(array, start)
        codes = np.frombuffer(_ESCAPES.sub(b"..", array[start:end]), np.uint8)
        # 1 within a text, from its quote on.
        within = np.bitwise_xor.accumulate((codes == _QUOTE).astype(np.uint8)) ^ np.uint8(in_text)
        folded = codes | 0x20  # brackets and braces differ in this bit only
        steps = ((folded == ord("{")).astype(np.int8) - (folded == ord("}"))) * (within == 0)
        depths = depth + np.cumsum(steps, dtype=np.int32)
        count += int(np.count_nonzero((codes == _COMMA) & (within == 0) & (depths == 1)))
        depth, in_text, start = int(depths[-1]), bool(within[-1]), end
    return count


def _end_of_chunk(array: bytes, start: int) -> int:
    """The end of a chunk that does not cut an escape in two."""
    end = min(start + _CHUNK, len(array))
    backslashes = len(array[start:end]) - len(array[start:end].rstrip(b"\\"))
    return end + 1 if backslashes % 2 and end < len(array) else end
