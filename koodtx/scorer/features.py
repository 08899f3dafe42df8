"""What is measured of a recording, frame by frame: spectral envelope, pitch, energy."""

import math

import librosa
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from scipy.signal import butter, sosfiltfilt

from koodtx.scorer.decode import RATE_HZ, Recording, Samples

# A recording whose loudest frame is below this is silent: 16-bit samples have steps of -90 dB.
SILENT_DB = -70.0
# Energy and trimming look at this range below the loudest frame; what is below is background.
RANGE_DB = 40.0
# Adults speak between 80 and 300 Hz, children and excited speech reach above 400.
PITCH_MIN_HZ, PITCH_MAX_HZ = 65.0, 500.0
# Below the lowest voice there is only rumble, hum and the offset of the microphone.
RUMBLE_HZ = 60.0
# Correlation of a frame with itself one period later, from which it counts as voiced: the value of Praat.
MIN_PERIODICITY = 0.45
# Beta distribution of the thresholds of pYIN. Its own, (2, 18), is for clean music and misses the voices of telephones;
# what this one finds in noise is not periodic.
_PITCH_THRESHOLDS = (2, 8)

_WINDOW = 400  # 25 ms, as is usual for speech
_FFT = 512
_PITCH_WINDOW = 1024  # more than three periods of the lowest pitch
_MEL_BANDS = 26
_COEFFICIENTS = 13
_LIFTER = 22
_LOWEST_HZ = 80.0
_HIGHEST_HZ = 7_600.0
# The upper edge of what a file of a rate holds: filters before the sampling need some room.
_USABLE = 0.46
# Bands below this are background. With 80 dB, noise 20 dB below a voice takes 38 % of the agreement, with 50 dB 10 %;
# the digits of docs/scorer.md are told apart as well.
_BAND_RANGE_DB = 50.0
_STEP_S = 0.01
# The alignment takes memory by the square of the number of frames: 2,000 frames take 80 MB.
_MAX_FRAMES = 2_000


class Grid(Struct, frozen=True):
    """How both recordings of a comparison are measured. `step`: samples per frame. `highest_hz`: what both contain."""

    step: int
    highest_hz: float

    @property
    def step_s(self) -> float:
        return self.step / RATE_HZ


class Features(Struct, frozen=True):
    """`envelope`: coefficients x frames. `pitch`: semitones above 55 Hz, NaN where there is none. `energy`: dB."""

    envelope: NDArray[np.float64]
    pitch: NDArray[np.float64]
    energy: NDArray[np.float64]
    speech_s: float

    @property
    def is_voiced(self) -> NDArray[np.bool_]:
        return ~np.isnan(self.pitch)


def common_grid(one: Recording, other: Recording) -> Grid:
    """The grid for two recordings: steps of 10 ms, longer ones above 20 s."""
    longest_s = max(one.duration_s, other.duration_s)
    steps = math.ceil(longest_s / (_MAX_FRAMES * _STEP_S))
    highest_hz = min(_HIGHEST_HZ, _USABLE * min(one.rate_hz, other.rate_hz))
    return Grid(steps * round(_STEP_S * RATE_HZ), highest_hz)


def sound_of(recording: Recording) -> Samples:
    """The recording without rumble, and without silence at its start and end, at full level; empty if all is silent."""
    rumble = butter(4, RUMBLE_HZ, "highpass", fs=RATE_HZ, output="sos")
    samples = sosfiltfilt(rumble, recording.samples)
    frames = librosa.feature.rms(y=samples, frame_length=_WINDOW, hop_length=_WINDOW // 4)
    if 20 * math.log10(max(float(frames.max()), 1e-10)) < SILENT_DB:
        return np.zeros(0, np.float32)
    samples = samples / np.abs(samples).max()
    kept, _ = librosa.effects.trim(samples, top_db=RANGE_DB, frame_length=_WINDOW, hop_length=_WINDOW // 4)
    return np.asarray(kept, np.float32)


def measure(samples: Samples, grid: Grid) -> Features:
    """The features of a sound of at least `MIN_S`."""
    return Features(
        envelope=_envelope(samples, grid),
        pitch=_pitch(samples, grid),
        energy=_energy(samples, grid),
        speech_s=len(samples) / RATE_HZ,
    )


def _envelope(samples: Samples, grid: Grid) -> NDArray[np.float64]:
    """Mel-frequency cepstral coefficients (Davis and Mermelstein 1980) without c0, which is the level.

    Liftered as in HTK, and each with its mean over the recording taken away (cepstral mean normalisation, Atal 1974),
    which removes what microphone and room do to all frames alike.
    """
    power = librosa.feature.melspectrogram(
        y=samples,
        sr=RATE_HZ,
        n_fft=_FFT,
        win_length=_WINDOW,
        hop_length=grid.step,
        n_mels=_MEL_BANDS,
        fmin=_LOWEST_HZ,
        fmax=grid.highest_hz,
    )
    bands = librosa.power_to_db(power, ref=np.max, top_db=_BAND_RANGE_DB)
    coefficients = librosa.feature.mfcc(S=bands, n_mfcc=_COEFFICIENTS, lifter=_LIFTER)[1:].astype(np.float64)
    return np.asarray(coefficients - coefficients.mean(axis=1, keepdims=True))


def _pitch(samples: Samples, grid: Grid) -> NDArray[np.float64]:
    """Fundamental frequency by probabilistic YIN (Mauch and Dixon 2014), where the sound is periodic indeed."""
    hertz, _, _ = librosa.pyin(
        samples,
        fmin=PITCH_MIN_HZ,
        fmax=PITCH_MAX_HZ,
        sr=RATE_HZ,
        frame_length=_PITCH_WINDOW,
        hop_length=grid.step,
        beta_parameters=_PITCH_THRESHOLDS,
    )
    hertz[_periodicity(samples, hertz, grid.step) < MIN_PERIODICITY] = np.nan
    return np.asarray(12 * np.log2(hertz / 55.0), np.float64)


def _periodicity(samples: Samples, hertz: NDArray[np.float64], step: int) -> NDArray[np.float64]:
    """Normalised correlation of each frame with itself one period later (Boersma 1993); 0 where there is no pitch."""
    frames = librosa.util.frame(np.pad(samples, _PITCH_WINDOW // 2), frame_length=_PITCH_WINDOW, hop_length=step)
    found = np.zeros(len(hertz))
    for number in np.flatnonzero(~np.isnan(hertz)):
        lag = round(RATE_HZ / hertz[number])
        now, later = frames[:-lag, number], frames[lag:, number]
        found[number] = now @ later / math.sqrt((now @ now) * (later @ later) + 1e-12)
    return found


def _energy(samples: Samples, grid: Grid) -> NDArray[np.float64]:
    """Root mean square per frame in dB below the loudest frame, not less than -RANGE_DB."""
    level = librosa.feature.rms(y=samples, frame_length=_WINDOW, hop_length=grid.step)[0]
    return np.asarray(librosa.amplitude_to_db(level, ref=np.max, top_db=RANGE_DB), np.float64)
