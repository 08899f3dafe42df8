"""Reads what an audio file is, from its bytes: the name and the type that a client gives decide nothing."""

from io import SEEK_END
from typing import Any, BinaryIO

from msgspec import Struct
from tinytag import TinyTag, TinyTagException

from koodtx.audio import mp3, mp4, wav
from koodtx.audio.errors import AudioDamaged, UnsupportedAudio

# No header that is read here is as long as this: a file that claims so must not fill the memory.
_LONGEST_READ = 1024 * 1024
# More than any recorder has, and less than the database can store.
_HIGHEST_RATE_HZ = 10_000_000


class Audio(Struct, frozen=True):
    """Format, seconds, samples per second and channel."""

    media_type: str
    extension: str
    duration_s: float
    sample_rate_hz: int


def inspect(file: BinaryIO) -> Audio:
    """Returns what a file is, which may be at any place. It blocks: call it in a thread.

    Raises UnsupportedAudio, and AudioDamaged for a file that is empty, cut off or has no duration.
    """
    byte_count = file.seek(0, SEEK_END)
    if byte_count == 0:
        raise AudioDamaged("the audio file is empty")
    file.seek(0)
    head = file.read(12)
    if wav.begins(head):
        media_type, extension, check = "audio/wav", "wav", wav.check
    elif mp4.begins(head):
        media_type, extension, check = "audio/mp4", "m4a", mp4.check
    elif mp3.begins(head):
        media_type, extension, check = "audio/mpeg", "mp3", mp3.check
    else:
        raise UnsupportedAudio
    check(file, byte_count)
    duration_s, sample_rate_hz = _measured(file, mp4.fragments_s(file, byte_count) if check is mp4.check else 0.0)
    return Audio(media_type, extension, duration_s, sample_rate_hz)


def _measured(file: BinaryIO, least_s: float) -> tuple[float, int]:
    """`least_s`: what is known not to be in the header that says how long the sound is."""
    file.seek(0)
    try:
        tag = TinyTag.get(file_obj=_Bounded(file), tags=False)  # type: ignore[arg-type]
    except TinyTagException as error:
        raise AudioDamaged from error
    duration_s = max(float(tag.duration or 0), least_s)
    if not tag.samplerate or duration_s <= 0:
        raise AudioDamaged("the audio file has no duration or no sample rate")
    if tag.samplerate > _HIGHEST_RATE_HZ:
        raise AudioDamaged(f"the audio file claims to have {tag.samplerate:.0f} samples per second")
    return duration_s, int(tag.samplerate)


class _Bounded:
    """A file of which nobody reads much at once."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def read(self, byte_count: int = -1) -> bytes:
        if not 0 <= byte_count <= _LONGEST_READ:
            raise TinyTagException("a header is too long")
        return self._file.read(byte_count)
