"""Whether an MP4 file is whole and has sound only: its boxes say how long they are (ISO/IEC 14496-12)."""

from collections.abc import Iterator
from struct import iter_unpack, unpack
from typing import BinaryIO, NamedTuple

from koodtx.audio.errors import AudioDamaged, UnsupportedAudio

_HEADER_BYTES = 8
_LONG_HEADER_BYTES = 16
# More boxes than a recording has are refused: each costs time.
_MOST_BOXES = 10_000
# In a fragment: more than an hour.
_MOST_SAMPLES = 200_000


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


def fragments_s(file: BinaryIO, byte_count: int) -> float:
    """Seconds of sound in fragments, as browsers record it (8.8 of the standard); 0: there are none.

    For a file that was checked. Raises AudioDamaged if a part is shorter than it says.
    """
    found = list(_boxes(file, 0, byte_count))
    moofs = [box for box in found if box.name == b"moof"]
    if not moofs:
        return 0.0
    moov = next(box for box in found if box.name == b"moov")
    for track in _inside(file, moov, b"trak"):
        for media in _inside(file, track, b"mdia"):
            if any(_handler(file, part) == b"soun" for part in _inside(file, media, b"hdlr")):
                track_id, units_per_s = _after_dates(file, track, b"tkhd"), _after_dates(file, media, b"mdhd")
                usual = _usual_length(file, moov, track_id)
                units = sum(_length(file, moof, track_id, usual) for moof in moofs)
                return units / units_per_s if units_per_s else 0.0
    return 0.0


def _after_dates(file: BinaryIO, outer: _Box, name: bytes) -> int:
    """The number after the two dates of a header, which have 4 bytes each, or 8 in version 1."""
    box = next(iter(_inside(file, outer, name)), None)
    if box is None:
        raise AudioDamaged("the M4A file lacks a header")
    has_long_dates = _number(file, box, 0) >> 24 == 1
    return _number(file, box, 20 if has_long_dates else 12)


def _usual_length(file: BinaryIO, moov: _Box, track_id: int) -> int:
    """The length of a sample, unless its fragment says another one."""
    defaults = (box for mvex in _inside(file, moov, b"mvex") for box in _inside(file, mvex, b"trex"))
    return next((_number(file, box, 12) for box in defaults if _number(file, box, 4) == track_id), 0)


def _length(file: BinaryIO, moof: _Box, track_id: int, usual: int) -> int:
    """The length of the samples of a track in a fragment."""
    units = 0
    for fragment in _inside(file, moof, b"traf"):
        for header in _inside(file, fragment, b"tfhd"):
            flags = _number(file, header, 0)
            if _number(file, header, 4) == track_id:
                # It follows a place in the file and the number of a description, each if there is one.
                each = _number(file, header, 8 + 8 * (flags & 1) + 4 * (flags >> 1 & 1)) if flags & 8 else usual
                units += sum(_run_length(file, run, each) for run in _inside(file, fragment, b"trun"))
    return units


def _run_length(file: BinaryIO, run: _Box, each: int) -> int:
    flags, count = _number(file, run, 0), _number(file, run, 4)
    if not flags & 0x100:
        return count * each
    # Length, size, flags and offset of each sample, as far as they are there.
    row = 4 * (flags >> 8 & 15).bit_count()
    place = run.start + 8 + 4 * (flags & 1) + 4 * (flags >> 2 & 1)
    if place + count * row > run.end or count > _MOST_SAMPLES:
        raise AudioDamaged("a fragment of the M4A file is shorter than it says")
    file.seek(place)
    return sum(units for (units,) in iter_unpack(f">I{row - 4}x", file.read(count * row)))


def _number(file: BinaryIO, box: _Box, offset: int) -> int:
    if box.start + offset + 4 > box.end:
        raise AudioDamaged("a header of the M4A file is too short")
    file.seek(box.start + offset)
    return int.from_bytes(file.read(4))


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
