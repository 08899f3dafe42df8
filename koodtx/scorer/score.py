"""Scores of two audio files."""

from pathlib import Path
from typing import Any

from koodtx.scorer.compare import compare
from koodtx.scorer.decode import MIN_S, RATE_HZ, Recording, decode
from koodtx.scorer.errors import AudioUnusable
from koodtx.scorer.features import common_grid, measure, sound_of
from koodtx.scorer.feedback import explain, explain_silence
from koodtx.scorer.messages import Result

_MIN_SAMPLES = round(MIN_S * RATE_HZ)


def score_files(reference: Path, take: Path) -> Result:
    """Raises AudioUnusable if one cannot be decoded or the reference is silent."""
    return score(decode(reference, "the reference"), decode(take, "the take"))


def score(reference: Recording, take: Recording) -> Result:
    """A take without sound scores 0. Raises AudioUnusable if the reference has no sound."""
    sounds = sound_of(reference), sound_of(take)
    if len(sounds[0]) < _MIN_SAMPLES:
        raise AudioUnusable(f"the reference has less than {MIN_S} s of sound")
    if len(sounds[1]) < _MIN_SAMPLES:
        return _result(0, 0, 0, explain_silence(reference, take))
    grid = common_grid(reference, take)
    measured = measure(sounds[0], grid), measure(sounds[1], grid)
    found = compare(*measured)
    feedback = explain(found, (reference, take), measured, grid)
    return _result(found.pronunciation, found.intonation, found.emotion, feedback)


def _result(pronunciation: float, intonation: float, emotion: float, feedback: dict[str, Any]) -> Result:
    shares = pronunciation, intonation, emotion
    scores = [round(100 * share, 1) for share in (*shares, sum(shares) / 3)]
    return Result(scores[0], scores[1], scores[2], scores[3], feedback)
