"""Whether an MP3 file is whole: it is a row of frames, each as long as its header says (ISO/IEC 11172-3, 13818-3)."""

from typing import BinaryIO

from koodtx.audio.errors import AudioDamaged, UnsupportedAudio

_ID3_HEADER_BYTES = 10
_FRAME_HEADER_BYTES = 4
_LAYER_III = 1
# Tags that may follow the last frame.
_TAGS = (b"TAG", b"APET", b"LYRI", b"ID3", b"\0\0\0\0")
# Kilobits per second by index; 0 has none, 15 is invalid.
_KBIT_PER_S_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KBIT_PER_S_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
# Hertz by index, of MPEG 1; MPEG 2 has half, 2.5 a quarter.
_RATES_HZ = (44_100, 48_000, 32_000)
_MPEG_2_5, _RESERVED, _MPEG_2, _MPEG_1 = range(4)


def begins(head: bytes) -> bool:
    """Whether a file that begins so may be MP3."""
    return head[:3] == b"ID3" or _frame_bytes(head[:4]) > 0


def check(file: BinaryIO, byte_count: int) -> None:
    """Raises UnsupportedAudio if it is something else, AudioDamaged if it ends inside a frame."""
    place = _after_id3(file)
    frames = 0
    while place + _FRAME_HEADER_BYTES <= byte_count:
        file.seek(place)
        header = file.read(_FRAME_HEADER_BYTES)
        length = _frame_bytes(header)
        if length == 0:
            # What is not followed by a second frame only looked like one.
            if frames >= 2 and header.startswith(_TAGS):
                return
            raise UnsupportedAudio if frames < 2 else AudioDamaged("the MP3 file has bytes that are not audio")
        place += length
        frames += 1
    if place > byte_count:
        raise AudioDamaged(f"the MP3 file is cut off: it has {byte_count} of at least {place} bytes")
    if frames < 2:
        raise AudioDamaged("the MP3 file has no audio")


def _after_id3(file: BinaryIO) -> int:
    """The place of the first frame, after tags. The length of a tag has 7 bits in each byte."""
    place = 0
    while True:
        file.seek(place)
        header = file.read(_ID3_HEADER_BYTES)
        if header[:3] != b"ID3" or len(header) < _ID3_HEADER_BYTES:
            return place
        length = 0
        for byte in header[6:10]:
            length = length << 7 | byte & 0x7F
        place += _ID3_HEADER_BYTES + length


def _frame_bytes(header: bytes) -> int:
    """How long the frame is; 0: it does not begin a frame of layer III."""
    bits = int.from_bytes(header)
    version, layer = bits >> 19 & 3, bits >> 17 & 3
    rate_index, hertz_index, padding = bits >> 12 & 15, bits >> 10 & 3, bits >> 9 & 1
    is_frame = len(header) == _FRAME_HEADER_BYTES and bits >> 21 == 0x7FF and version != _RESERVED
    if not is_frame or layer != _LAYER_III or rate_index in (0, 15) or hertz_index == 3:
        return 0
    if version == _MPEG_1:
        return 144_000 * _KBIT_PER_S_1[rate_index] // _RATES_HZ[hertz_index] + padding
    hertz = _RATES_HZ[hertz_index] // (2 if version == _MPEG_2 else 4)
    return 72_000 * _KBIT_PER_S_2[rate_index] // hertz + padding
