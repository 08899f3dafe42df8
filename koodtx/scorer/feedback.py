"""`detailed_feedback`: what was measured, in words and numbers."""

from typing import Any

import numpy as np

from koodtx.scorer.compare import Comparison
from koodtx.scorer.decode import MIN_S, Recording
from koodtx.scorer.features import Features, Grid

METHOD = "acoustic comparison with the reference; words are not recognised"
# A share of clipped samples above this is audible.
_CLIPPED = 0.001
_GOOD, _FAIR = 0.75, 0.4
# Within a tenth, a difference of tempo is hardly noticed (Quene 2007 finds 5 to 8 % for speech).
_SAME_TEMPO = 0.1


def explain(
    found: Comparison, recordings: tuple[Recording, Recording], measured: tuple[Features, Features], grid: Grid
) -> dict[str, Any]:
    """Each pair is reference and take."""
    reference, take = measured
    tempo = take.speech_s / reference.speech_s
    parts = {
        "pronunciation": {
            "text": f"The sound of the words is {_degree(found.pronunciation)} the reference"
            f" ({_percent(found.pronunciation)} agreement of the spectral envelope along the alignment in time).",
            "envelope_agreement": _rounded(found.pronunciation),
        },
        "intonation": {
            "text": _intonation(found),
            "pitch_agreement": _rounded(found.pitch_agreement),
            "voicing_agreement": _rounded(found.voicing_agreement),
            "reference_median_pitch_hz": _median_hz(reference),
            "take_median_pitch_hz": _median_hz(take),
        },
        "emotion": {
            "text": f"The course of loudness is {_degree(found.energy_agreement)} the reference"
            f" ({_percent(found.energy_agreement)}). The pitch ranges over {found.take_range_st:.1f} semitones,"
            f" in the reference over {found.reference_range_st:.1f}.",
            "energy_agreement": _rounded(found.energy_agreement),
            "pitch_range_agreement": _rounded(found.range_agreement),
            "reference_pitch_range_semitones": _rounded(found.reference_range_st),
            "take_pitch_range_semitones": _rounded(found.take_range_st),
        },
        "tempo": {
            "text": _tempo(tempo),
            "reference_speech_s": _rounded(reference.speech_s),
            "take_speech_s": _rounded(take.speech_s),
        },
    }
    settings = {"frame_step_s": grid.step_s, "highest_frequency_hz": round(grid.highest_hz)}
    return {"method": METHOD, **parts, "settings": settings, "warnings": _warnings(*recordings)}


def explain_silence(reference: Recording, take: Recording) -> dict[str, Any]:
    """Of a take without sound."""
    text = f"The take has less than {MIN_S} s of sound: check the microphone."
    return {"method": METHOD, "warnings": [text, *_warnings(reference, take)]}


def _intonation(found: Comparison) -> str:
    if not found.has_pitch:
        return (
            "Neither the reference nor the take has a pitch that can be measured: the score is that of pronunciation."
        )
    if found.voicing_agreement == 0:
        return "The take and the reference have no voice with a pitch at the same places."
    return (
        f"The pitch rises and falls {_alike(found.pitch_agreement)} the reference ({_percent(found.pitch_agreement)}),"
        f" and {_percent(found.voicing_agreement)} of the voiced parts are at the same places."
    )


def _tempo(ratio: float) -> str:
    if abs(ratio - 1) <= _SAME_TEMPO:
        return "The take is as fast as the reference. Tempo is not part of a score."
    word = "longer" if ratio > 1 else "shorter"
    return f"The take is {abs(ratio - 1) * 100:.0f} % {word} than the reference. Tempo is not part of a score."


def _warnings(reference: Recording, take: Recording) -> list[str]:
    clipped = [
        f"{recording.clipped * 100:.1f} % of the samples of the {name} are clipped: record with a lower level."
        for name, recording in (("reference", reference), ("take", take))
        if recording.clipped > _CLIPPED
    ]
    lower = min(reference.rate_hz, take.rate_hz)
    if lower < 16_000:
        clipped.append(f"One file has {lower} samples per second: sounds above {lower // 2} Hz are not compared.")
    return clipped


def _degree(share: float) -> str:
    return "close to" if share >= _GOOD else "partly like" if share >= _FAIR else "far from"


def _alike(share: float) -> str:
    return "as in" if share >= _GOOD else "partly as in" if share >= _FAIR else "differently from"


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %"


def _rounded(number: float) -> float:
    return round(number, 3)


def _median_hz(features: Features) -> float | None:
    pitch = features.pitch[features.is_voiced]
    return round(55 * 2 ** (float(np.median(pitch)) / 12), 1) if len(pitch) else None
