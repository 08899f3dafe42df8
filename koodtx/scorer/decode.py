"""Audio files as samples: wav, mp3, m4a and whatever rate and channels they have."""

from pathlib import Path
from typing import Any, TypeAlias

import av
import numpy as np
from av.audio.resampler import AudioResampler
from msgspec import Struct
from numpy.typing import NDArray

from koodtx.scorer.errors import AudioUnusable

Samples: TypeAlias = NDArray[np.float32]

RATE_HZ = 16_000
MAX_S = 60
MIN_S = 0.1
# FFmpeg's names. Nothing else is opened: its readers of playlists would open further files and URLs.
_FORMATS = "wav,mp3,mov,mp4,m4a"
_CODECS = "pcm_u8,pcm_s16le,pcm_s24le,pcm_s32le,pcm_f32le,pcm_f64le,pcm_alaw,pcm_mulaw,mp3,mp3float,aac,alac"
# Of 16-bit samples, the loudest but one: what is at least as loud counts as clipped.
_CLIPPED_FROM = 32_766 / 32_768


class Recording(Struct, frozen=True):
    """Mono samples between -1 and 1 at `RATE_HZ`. `rate_hz`: of the file. `clipped`: share of clipped samples."""

    samples: Samples
    rate_hz: int
    clipped: float

    @property
    def duration_s(self) -> float:
        return len(self.samples) / RATE_HZ


def decode(path: Path, name: str) -> Recording:
    """Reads an audio file; channels are averaged. `name` is for messages: the take, the reference.

    Raises AudioUnusable if its format is not known, or it is damaged, too short or too long.
    """
    try:
        options = {"format_whitelist": _FORMATS, "codec_whitelist": _CODECS}
        with av.open(str(path), options=options, metadata_errors="replace") as container:
            if not container.streams.audio:
                raise AudioUnusable(f"{name} has no audio track")
            if container.streams.audio[0].codec_context is None:
                raise AudioUnusable(f"{name} is not a wav, mp3 or m4a file that can be decoded")
            recording = _read(container, name)
    except (av.FFmpegError, ValueError) as error:
        raise AudioUnusable(f"{name} is not a wav, mp3 or m4a file that can be decoded") from error
    if recording.duration_s < MIN_S:
        raise AudioUnusable(f"{name} is shorter than {MIN_S} s")
    return recording


def _read(container: Any, name: str) -> Recording:
    stream = container.streams.audio[0]
    # The list above is for the decoders that FFmpeg looks into the file with; PyAV opens its own.
    if stream.codec_context.name not in _CODECS.split(","):
        raise AudioUnusable(f"{name} is of a codec that is not decoded: {stream.codec_context.name}")
    rate_hz = stream.codec_context.sample_rate
    resampler = AudioResampler(format="fltp", layout="mono", rate=RATE_HZ)
    pieces: list[Samples] = []
    length = clipped = count = 0
    for frame in container.decode(stream):
        given = frame.to_ndarray()
        clipped += int(np.count_nonzero(_loudness(given) >= _CLIPPED_FROM))
        count += given.size
        frame.pts = None
        new = [piece.to_ndarray()[0] for piece in resampler.resample(frame)]
        pieces += new
        length += sum(map(len, new))
        if length > MAX_S * RATE_HZ:
            raise AudioUnusable(f"{name} is longer than {MAX_S} s")
    if pieces:
        pieces += [piece.to_ndarray()[0] for piece in resampler.resample(None)]
    samples = np.concatenate(pieces) if pieces else np.zeros(0, np.float32)
    return Recording(np.nan_to_num(samples), rate_hz, clipped / max(count, 1))


def _loudness(given: NDArray[Any]) -> NDArray[Any]:
    """Magnitudes of samples of any format as shares of the largest that it has."""
    if given.dtype.kind == "f":
        return np.asarray(np.abs(given))
    limits = np.iinfo(given.dtype)
    middle = 0 if limits.min < 0 else limits.max // 2 + 1
    return np.asarray(np.abs(given.astype(np.float64) - middle) / (limits.max - middle + 1))
