"""Scores of recordings: real speech, noise, silence, and the formats of phones."""

from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koodtx.scorer.decode import MAX_S, RATE_HZ, decode
from koodtx.scorer.errors import AudioUnusable
from koodtx.scorer.messages import Result
from koodtx.scorer.score import score, score_files
from tests.scorer.sounds import DIGITS, SENTENCE, digit, made, noise, tone, write_encoded, write_wav

pytestmark = pytest.mark.unit

_SPEECH = decode(SENTENCE, "the sentence")


def scores(result: Result) -> tuple[float, float, float, float]:
    return result.pronunciation_score, result.intonation_score, result.emotion_score, result.overall_score


@pytest.mark.parametrize("path", [*sorted(DIGITS.glob("*.wav")), SENTENCE], ids=lambda path: path.stem)
def test_an_identical_take_scores_100(path: Path) -> None:
    assert scores(score_files(path, path)) == (100, 100, 100, 100)


@pytest.mark.parametrize("sound", [noise(1), noise(1, "brown"), tone(1)])
def test_an_identical_take_scores_100_whatever_it_is(sound: object) -> None:
    assert scores(score(sound, sound)) == (100, 100, 100, 100)  # type: ignore[arg-type]


@given(st.floats(-40, 20))
@settings(max_examples=15)
def test_the_level_does_not_matter(gain_db: float) -> None:
    louder = msgspec.structs.replace(_SPEECH, samples=(_SPEECH.samples * 10 ** (gain_db / 20)).astype(np.float32))
    assert min(scores(score(_SPEECH, louder))) > 99.5


@pytest.mark.parametrize("level", [0.0, 1e-4])
def test_silence_scores_0(level: float) -> None:
    result = score(_SPEECH, made(noise(2).samples * level))
    assert scores(result) == (0, 0, 0, 0)
    assert "check the microphone" in result.detailed_feedback["warnings"][0]


@pytest.mark.parametrize("seconds", [0.3, 2.0, 8.0])
@pytest.mark.parametrize("colour", ["white", "brown"])
def test_noise_scores_low(colour: str, seconds: float) -> None:
    for reference in (_SPEECH, digit(7, "theo"), digit(0, "jackson")):
        result = score(reference, noise(seconds, colour))
        assert result.overall_score < 20
        assert max(scores(result)) < 35


def test_a_click_has_no_sound_to_compare() -> None:
    click = np.zeros(RATE_HZ)
    click[8000] = 1
    assert scores(score(_SPEECH, made(click))) == (0, 0, 0, 0)


def test_a_silent_reference_is_reported() -> None:
    with pytest.raises(AudioUnusable, match=r"the reference has less than 0\.1 s of sound"):
        score(made(np.zeros(RATE_HZ)), _SPEECH)


def test_another_speaker_scores_between_noise_and_the_same_recording() -> None:
    same = score(digit(3, "jackson"), digit(3, "theo")).pronunciation_score
    assert score(digit(3, "jackson"), noise(0.5)).pronunciation_score < same < 100


@pytest.mark.parametrize(("codec", "ending"), [("libmp3lame", "mp3"), ("aac", "m4a")])
def test_a_compressed_take_scores_high(codec: str, ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"take.{ending}"
    write_encoded(path, _SPEECH.samples, codec)
    assert decode(path, "the take").rate_hz == 44_100
    assert min(scores(score_files(SENTENCE, path))) > 85


def test_stereo_is_averaged(tmp_path: Path) -> None:
    write_wav(tmp_path / "mono", _SPEECH.samples)
    write_wav(tmp_path / "stereo", _SPEECH.samples, channels=2)
    assert min(scores(score_files(tmp_path / "mono", tmp_path / "stereo"))) > 99


def test_8_khz_is_compared_with_44_khz_below_4_khz(tmp_path: Path) -> None:
    write_encoded(tmp_path / "high", _SPEECH.samples, "aac")
    write_wav(tmp_path / "low", _low(), rate_hz=8000)
    result = score_files(tmp_path / "high", tmp_path / "low")
    assert min(scores(result)) > 80
    assert result.detailed_feedback["settings"]["highest_frequency_hz"] < 4000
    assert "sounds above 4000 Hz are not compared" in result.detailed_feedback["warnings"][-1]


def _low() -> np.ndarray:
    """At half the rate: a low-pass filter, then every second sample."""
    kernel = np.sinc(np.arange(-40, 41) / 2.2) * np.hamming(81)
    return np.convolve(_SPEECH.samples, kernel / kernel.sum(), "same").astype(np.float32)[::2]


def test_a_clipped_take_is_scored_with_a_warning(tmp_path: Path) -> None:
    write_wav(tmp_path / "take", _SPEECH.samples * 20)
    result = score_files(SENTENCE, tmp_path / "take")
    assert "samples of the take are clipped" in result.detailed_feedback["warnings"][0]
    assert 20 < result.overall_score < 100


@pytest.mark.parametrize(
    ("seconds", "reason"),
    [(0.05, r"shorter than 0\.1 s"), (0, r"shorter than 0\.1 s"), (MAX_S + 1, "longer than 60 s")],
)
def test_too_short_and_too_long_takes_are_reported(seconds: float, reason: str, tmp_path: Path) -> None:
    write_wav(tmp_path / "take", np.full(round(seconds * RATE_HZ), 0.1, np.float32))
    with pytest.raises(AudioUnusable, match=f"the take is {reason}"):
        score_files(SENTENCE, tmp_path / "take")


def test_a_minute_is_compared_in_longer_steps() -> None:
    minute = made(np.tile(_SPEECH.samples, 60)[: MAX_S * RATE_HZ], 44_100)
    result = score(minute, minute)
    assert scores(result) == (100, 100, 100, 100)
    assert result.detailed_feedback["settings"]["frame_step_s"] == pytest.approx(0.03)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"RIFF\x00\x00\x00\x00WAVE",
        b"#!/bin/sh\n" * 100,
        # FFmpeg's readers of lists would open the files that these name.
        b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
        b"ffconcat version 1.0\nfile '/etc/passwd'\n",
        b"v=0\r\nc=IN IP4 127.0.0.1\r\nm=audio 9 RTP/AVP 0\r\n",
    ],
)
def test_what_is_no_audio_is_reported(body: bytes, tmp_path: Path) -> None:
    (tmp_path / "take").write_bytes(body)
    with pytest.raises(AudioUnusable, match="the take"):
        score_files(SENTENCE, tmp_path / "take")


def test_no_decoder_is_used_that_is_not_in_the_list(tmp_path: Path) -> None:
    body = bytearray((DIGITS / "3_theo_0.wav").read_bytes())
    place = body.index(b"fmt ") + 8
    body[place : place + 2] = (0x11).to_bytes(2, "little")  # IMA ADPCM, of
    body[place + 12 : place + 16] = b"\0\x01\x04\0"  # 256 bytes per block, 4 bits per sample
    (tmp_path / "take").write_bytes(body)
    with pytest.raises(AudioUnusable, match="the take is of a codec that is not decoded: adpcm_ima_wav"):
        decode(tmp_path / "take", "the take")


def test_a_truncated_file_is_scored_as_far_as_it_goes_or_reported(tmp_path: Path) -> None:
    write_encoded(tmp_path / "whole", _SPEECH.samples, "libmp3lame")
    body = (tmp_path / "whole").read_bytes()
    (tmp_path / "take").write_bytes(body[: len(body) // 2])
    assert score_files(SENTENCE, tmp_path / "take").pronunciation_score < 100


@given(st.binary(max_size=400), st.integers(0, 400))
@settings(max_examples=60)
def test_damaged_files_never_raise_anything_else(
    tmp_path_factory: pytest.TempPathFactory, junk: bytes, at: int
) -> None:
    body = bytearray((DIGITS / "3_theo_0.wav").read_bytes())
    body[at : at + len(junk)] = junk
    path = tmp_path_factory.mktemp("damaged") / "take"
    path.write_bytes(body)
    try:
        decode(path, "the take")
    except AudioUnusable:
        return


def test_feedback_states_what_was_measured() -> None:
    feedback = score(_SPEECH, made(_SPEECH.samples[: len(_SPEECH.samples) // 2], _SPEECH.rate_hz)).detailed_feedback
    assert "% shorter than the reference" in feedback["tempo"]["text"]
    assert 0 < feedback["pronunciation"]["envelope_agreement"] < 1
    assert feedback["intonation"]["reference_median_pitch_hz"] == pytest.approx(210, abs=60)
    assert msgspec.json.encode(feedback)
