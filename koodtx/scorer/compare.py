"""Scores of a take against its reference. docs/scorer.md explains the formulae."""

import math

import librosa
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from koodtx.scorer.features import Features

# In speech, differences of pitch are noticed from about 1.5 semitones (Rietveld and Gussenhoven 1985), steps of level
# from about 1 dB: two contours that are flat within these agree.
PITCH_TOLERANCE_ST = 1.0
ENERGY_TOLERANCE_DB = 1.0

Contour = NDArray[np.float64]


class Comparison(Struct, frozen=True):
    """Shares from 0 to 1, and what they are made of. `has_pitch`: one of both has. Ranges of pitch are in semitones."""

    pronunciation: float
    intonation: float
    emotion: float
    has_pitch: bool
    pitch_agreement: float
    voicing_agreement: float
    energy_agreement: float
    range_agreement: float
    reference_range_st: float
    take_range_st: float


def compare(reference: Features, take: Features) -> Comparison:
    """Compares frame by frame along an alignment in time of the two envelopes."""
    ours, theirs = align(reference.envelope, take.envelope)
    envelope = concordance(reference.envelope[:, ours], take.envelope[:, theirs])
    voiced = reference.is_voiced[ours] & take.is_voiced[theirs]
    voicing = _overlap(reference.is_voiced[ours], take.is_voiced[theirs])
    pitch = _pitch_agreement(reference.pitch[ours][voiced], take.pitch[theirs][voiced]) if voiced.any() else 0.0
    has_pitch = bool(reference.is_voiced.any() or take.is_voiced.any())
    energy = concordance(reference.energy[None, ours], take.energy[None, theirs], ENERGY_TOLERANCE_DB)
    ranges = pitch_range_st(reference), pitch_range_st(take)
    range_agreement = (min(ranges) + PITCH_TOLERANCE_ST) / (max(ranges) + PITCH_TOLERANCE_ST)
    return Comparison(
        pronunciation=envelope,
        # Where neither has a pitch, e.g. in a whisper, the envelope has to do.
        intonation=pitch * voicing if has_pitch else envelope,
        emotion=math.sqrt(energy * range_agreement * voicing),
        has_pitch=has_pitch,
        pitch_agreement=pitch,
        voicing_agreement=voicing,
        energy_agreement=energy,
        range_agreement=range_agreement,
        reference_range_st=ranges[0],
        take_range_st=ranges[1],
    )


def align(one: Contour, other: Contour) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Indices of frames that belong together: dynamic time warping (Sakoe and Chiba 1978), Euclidean distance."""
    _, path = librosa.sequence.dtw(one, other)
    return path[::-1, 0], path[::-1, 1]


def concordance(one: Contour, other: Contour, tolerance: float = 0.0) -> float:
    """Lin's concordance correlation coefficient (1989) of two sequences of vectors, dimensions x frames; not below 0.

    1 - E|x - y|^2 / (var x + var y + |mean x - mean y|^2). It is 1 if they are equal and about 0 if they have nothing
    to do with each other. Variation within `tolerance` counts as none: its square is added to both variances.
    """
    distance = ((one - other) ** 2).sum(axis=0).mean()
    spread = one.var(axis=1).sum() + other.var(axis=1).sum() + ((one.mean(axis=1) - other.mean(axis=1)) ** 2).sum()
    spread += 2 * tolerance**2
    if distance == 0:
        return 1.0
    return max(0.0, float(1 - distance / spread))


def pitch_range_st(features: Features) -> float:
    """From the 10th to the 90th percentile, which single wrong frames do not change; 0 without any pitch."""
    pitch = features.pitch[features.is_voiced]
    if not len(pitch):
        return 0.0
    low, high = np.percentile(pitch, [10, 90])
    return float(high - low)


def _pitch_agreement(reference: Contour, take: Contour) -> float:
    """Of the contours as intervals from their medians: a voice may be higher or lower."""
    return concordance((reference - np.median(reference))[None], (take - np.median(take))[None], PITCH_TOLERANCE_ST)


def _overlap(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    """Dice's coefficient of the frames with pitch: 1 if they are the same frames, or if there are none at all."""
    total = one.sum() + other.sum()
    return float(2 * (one & other).sum() / total) if total else 1.0
