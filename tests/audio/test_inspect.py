"""Audio files that are whole, cut off, damaged, disguised."""

import io
import tracemalloc
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from koodtx.audio.errors import AudioDamaged, UnsupportedAudio
from koodtx.audio.inspect import inspect

pytestmark = pytest.mark.unit

_SPEECH = Path(__file__).parents[1] / "data/speech_wav"
_FORMATS = {
    "wav": ("wav", "pcm_s16le", "audio/wav"),
    "mp3": ("mp3", "libmp3lame", "audio/mpeg"),
    "m4a": ("mp4", "aac", "audio/mp4"),
}
# How browsers record: the header comes first, and does not know how long the sound will be.
_FRAGMENTS = {"movflags": "frag_keyframe+empty_moov+default_base_moof", "frag_duration": "300000"}


def encoded(
    extension: str, *, seconds: float = 1.0, rate: int = 44_100, options: dict[str, str] | None = None
) -> bytes:
    """A tone, as FFmpeg writes it."""
    container_format, codec, _ = _FORMATS[extension]
    file = io.BytesIO()
    tone = (np.sin(np.arange(int(seconds * rate)) * 2 * np.pi * 220 / rate) * 8000).astype(np.int16)
    with av.open(file, "w", format=container_format, options=options or {}) as container:
        stream = container.add_stream(codec, rate=rate, layout="mono")
        frame = av.AudioFrame.from_ndarray(tone[np.newaxis], format="s16", layout="mono")
        frame.sample_rate = rate
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "seconds", "hertz"),
    [("lhotse/LJ002-0020.wav", 1.540, 22_050), ("speech_recognition/english.wav", 2.745, 44_100)],
)
def test_recordings_have_their_published_durations(name: str, seconds: float, hertz: int) -> None:
    with (_SPEECH / name).open("rb") as file:
        audio = inspect(file)
    assert (audio.media_type, round(audio.duration_s, 3), audio.sample_rate_hz) == ("audio/wav", seconds, hertz)


@pytest.mark.parametrize("extension", _FORMATS)
@pytest.mark.parametrize("rate", [16_000, 44_100])
def test_format_is_read_from_the_content(extension: str, rate: int) -> None:
    audio = inspect(io.BytesIO(encoded(extension, seconds=2.0, rate=rate)))
    assert (audio.media_type, audio.extension, audio.sample_rate_hz) == (_FORMATS[extension][2], extension, rate)
    # Lossy formats add silence at both ends.
    assert audio.duration_s == pytest.approx(2.0, abs=0.2)


@pytest.mark.parametrize("options", [_FRAGMENTS, {"movflags": "frag_every_frame+delay_moov"}], ids=["300 ms", "frames"])
def test_recording_in_fragments_has_the_length_of_all(options: dict[str, str]) -> None:
    content = encoded("m4a", seconds=2.0, rate=48_000, options=options)
    audio = inspect(io.BytesIO(content))
    assert (audio.extension, audio.sample_rate_hz) == ("m4a", 48_000)
    assert audio.duration_s == pytest.approx(2.0, abs=0.1)
    with pytest.raises(AudioDamaged):
        inspect(io.BytesIO(content[: len(content) // 2]))


@pytest.mark.parametrize("extension", _FORMATS)
@pytest.mark.parametrize("part", [0.3, 0.9, 0.999])
def test_file_that_is_cut_off_is_refused(extension: str, part: float) -> None:
    whole = encoded(extension)
    with pytest.raises(AudioDamaged):
        inspect(io.BytesIO(whole[: int(len(whole) * part)]))


def test_mp3_with_tags_at_both_ends_is_whole() -> None:
    tag = b"ID3\x04\x00\x00" + bytes((0, 0, 1, 0)) + b"\0" * 128
    audio = inspect(io.BytesIO(tag + encoded("mp3") + b"TAG" + b"x" * 125))
    assert audio.media_type == "audio/mpeg"


@pytest.mark.parametrize(
    "content",
    [
        b"x",
        b"GIF89a" + b"\0" * 100,
        b"%PDF-1.7 " + b"x" * 5000,
        b"OggS" + b"\0" * 500,
        b"PK\x03\x04" + b"\0" * 500,
        b"#!/bin/sh\nrm -rf ~\n",
        b"\xff\xf1\x50\x80" + b"\0" * 500,  # AAC without a container
        b"\xff\xfb\x90\x00" + b"MZ" * 500,  # one header of MP3, then a program
        b"RIFF\x24\x00\x00\x00AVI " + b"\0" * 50,
    ],
)
def test_something_else_is_refused(content: bytes) -> None:
    with pytest.raises(UnsupportedAudio):
        inspect(io.BytesIO(content))


def test_video_is_refused() -> None:
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width = stream.height = 32
        stream.pix_fmt = "yuv420p"
        for _ in range(5):
            container.mux(stream.encode(av.VideoFrame(32, 32, "yuv420p")))
        container.mux(stream.encode(None))
    with pytest.raises(UnsupportedAudio, match="pictures"):
        inspect(file)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"RIFF\x24\x00\x00\x00WAVE",
        b"RIFF\x24\x00\x00\x00WAVEfmt \xff\xff\xff\xff",
        b"RIFF\x24\x00\x00\x00WAVEfmt \x00\x00\x00\x00data\x00\x00\x00\x00",
        b"\x00\x00\x00\x08ftyp",
        b"\x00\x00\x00\x00ftyp",
        b"\x00\x00\x00\x01ftyp" + b"\xff" * 8,
        b"\x00\x00\x00\x08ftyp" * 20_000,
    ],
)
def test_empty_and_damaged_files_are_refused(content: bytes) -> None:
    with pytest.raises(AudioDamaged):
        inspect(io.BytesIO(content))


def test_sample_rate_that_nothing_has_is_refused() -> None:
    content = bytearray(encoded("wav"))
    place = content.index(b"fmt ") + 12
    content[place : place + 4] = b"\xff" * 4
    with pytest.raises(AudioDamaged, match="4294967295 samples per second"):
        inspect(io.BytesIO(content))


def test_chunks_without_number_are_refused() -> None:
    with pytest.raises(AudioDamaged, match="too many chunks"):
        inspect(io.BytesIO(encoded("wav") + b"LIST\0\0\0\0" * 20_000))


def test_header_that_claims_to_be_long_is_not_read() -> None:
    long = 5 * 1024 * 1024
    content = b"RIFF\0\0\0\0WAVEfmt " + long.to_bytes(4, "little") + b"\0" * long + b"data\0\0\0\0"
    file = io.BytesIO(content)
    tracemalloc.start()
    try:
        with pytest.raises(AudioDamaged):
            inspect(file)
        assert tracemalloc.get_traced_memory()[1] < long / 10
    finally:
        tracemalloc.stop()


@given(st.sampled_from([*_FORMATS, "fragments"]), st.data())
def test_no_change_of_a_file_gives_another_error(extension: str, data: st.DataObject) -> None:
    content = bytearray(_WHOLE[extension])
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    try:
        audio = inspect(io.BytesIO(bytes(content[:cut])))
    except (UnsupportedAudio, AudioDamaged):
        return
    assert audio.duration_s > 0
    assert audio.sample_rate_hz > 0


_WHOLE = {extension: encoded(extension, seconds=0.2, rate=16_000) for extension in _FORMATS} | {
    "fragments": encoded("m4a", seconds=0.2, rate=16_000, options=_FRAGMENTS)
}
