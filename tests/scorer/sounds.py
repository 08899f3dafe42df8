"""Recordings for tests: real speech from tests/data/speech_wav, made sounds, and files of both."""

import wave
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from koodtx.scorer.decode import RATE_HZ, Recording, decode

SPEECH = Path(__file__).parents[1] / "data/speech_wav"
DIGITS = SPEECH / "fsdd"
SENTENCE = SPEECH / "lhotse/LJ002-0020.wav"

Samples = NDArray[np.float32]
Write = Callable[[Path, Samples], None]


def digit(number: int, speaker: str) -> Recording:
    return decode(DIGITS / f"{number}_{speaker}_0.wav", "the digit")


def made(samples: NDArray[np.floating], rate_hz: int = RATE_HZ) -> Recording:
    return Recording(samples.astype(np.float32), rate_hz, 0.0)


def noise(seconds: float, colour: str = "white", seed: int = 1) -> Recording:
    samples = np.random.default_rng(seed).standard_normal(round(seconds * RATE_HZ))
    if colour == "brown":
        samples = np.cumsum(samples)
    return made(samples / np.abs(samples).max())


def tone(seconds: float, hertz: float = 150.0) -> Recording:
    return made(0.5 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE_HZ)) / RATE_HZ))


def write_wav(path: Path, samples: Samples, rate_hz: int = RATE_HZ, channels: int = 1) -> None:
    """16-bit samples; all channels have the same."""
    whole = (np.clip(samples, -1, 1) * 32_767).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(np.repeat(whole, channels).tobytes())


def write_encoded(path: Path, samples: Samples, codec: str) -> None:
    """As a phone would record it: `libmp3lame` into .mp3, `aac` into .m4a."""
    container_format = "mp3" if codec == "libmp3lame" else "mp4"
    with av.open(str(path), "w", format=container_format) as container:
        stream = container.add_stream(codec, rate=44_100, layout="mono")
        frame = av.AudioFrame.from_ndarray(samples[None], format="fltp", layout="mono")
        frame.sample_rate = RATE_HZ
        resampler = av.AudioResampler(format="fltp", layout="mono", rate=44_100, frame_size=1152)
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(piece))
        container.mux(stream.encode(None))
