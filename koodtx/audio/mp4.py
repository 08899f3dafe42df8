"""Whether an MP4 file is whole and has sound only: its boxes say how long they are (ISO/IEC 14496-12)."""

from collections.abc import Iterator
from struct import unpack
from typing import BinaryIO, NamedTuple

from koodtx.audio.errors import AudioDamaged, UnsupportedAudio

_HEADER_BYTES = 8
_LONG_HEADER_BYTES = 16
# More boxes than a recording has are refused: each costs time.
_MOST_BOXES = 10_000


class _Box(NamedTuple):
    name: bytes
    start: int
    end: int


def begins(head: bytes) -> bool:
    """Whether a file that begins so claims to be MP4."""
    return head[4:8] == b"ftyp"


def check(file: BinaryIO, byte_count: int) -> None:
    """Raises AudioDamaged if something is missing, UnsupportedAudio if it has pictures or no sound."""
    found = list(_boxes(file, 0, byte_count))
    if not {box.name for box in found} >= {b"moov", b"mdat"}:
        raise AudioDamaged("the M4A file is cut off: it has no list of contents, or no data")
    handlers = {
        _handler(file, part)
        for box in found
        if box.name == b"moov"
        for track in _inside(file, box, b"trak")
        for media in _inside(file, track, b"mdia")
        for part in _inside(file, media, b"hdlr")
    }
    if b"soun" not in handlers or b"vide" in handlers:
        raise UnsupportedAudio("the MP4 file has pictures, or no sound")


def _inside(file: BinaryIO, outer: _Box, name: bytes) -> list[_Box]:
    return [box for box in _boxes(file, outer.start, outer.end) if box.name == name]


def _boxes(file: BinaryIO, place: int, end: int) -> Iterator[_Box]:
    for _ in range(_MOST_BOXES):
        if place >= end:
            return
        file.seek(place)
        header = file.read(_HEADER_BYTES)
        if len(header) < _HEADER_BYTES or place + _HEADER_BYTES > end:
            raise AudioDamaged("the M4A file is cut off inside a header")
        size, name = unpack(">I4s", header)
        start = place + _HEADER_BYTES
        if size == 0:  # to the end
            size = end - place
        elif size == 1:
            size = int.from_bytes(file.read(_LONG_HEADER_BYTES - _HEADER_BYTES))
            start = place + _LONG_HEADER_BYTES
        if size < start - place or place + size > end:
            raise AudioDamaged(f"the M4A file is cut off, or the size of a part is wrong: {size} bytes")
        yield _Box(name, start, place + size)
        place += size
    raise AudioDamaged("the M4A file has too many parts")


def _handler(file: BinaryIO, box: _Box) -> bytes:
    """What the track is: `soun` or `vide`, after version, flags and a reserved word."""
    file.seek(box.start + 8)
    return file.read(4)
