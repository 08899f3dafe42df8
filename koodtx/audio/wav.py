"""Whether a WAV file (RIFF) is whole: its chunks say how long they are."""

from struct import unpack
from typing import BinaryIO

from koodtx.audio.errors import AudioDamaged

_HEADER_BYTES = 12
_CHUNK_HEADER_BYTES = 8
# More chunks than a recording has are refused: each costs time.
_MOST_CHUNKS = 10_000


def begins(head: bytes) -> bool:
    """Whether a file that begins so claims to be WAV."""
    return head[:4] == b"RIFF" and head[8:12] == b"WAVE"


def check(file: BinaryIO, byte_count: int) -> None:
    """Raises AudioDamaged unless the file has a format and all of its data."""
    names = set()
    place = _HEADER_BYTES
    for _ in range(_MOST_CHUNKS):
        if place + _CHUNK_HEADER_BYTES > byte_count:
            break
        file.seek(place)
        name, size = unpack("<4sI", file.read(_CHUNK_HEADER_BYTES))
        place += _CHUNK_HEADER_BYTES + size
        if place > byte_count:
            raise AudioDamaged(f"the WAV file is cut off: it has {byte_count} of at least {place} bytes")
        # Chunks begin at even places.
        place += size % 2
        names.add(name)
    else:
        raise AudioDamaged("the WAV file has too many chunks")
    if not names >= {b"fmt ", b"data"}:
        raise AudioDamaged("the WAV file has no format or no data")
