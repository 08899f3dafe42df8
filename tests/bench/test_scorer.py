"""The figures of docs/scorer.md can be printed, and are not far from what the page states."""

import re
import subprocess
import sys

import pytest

from tests.docs.pages import ROOT

pytestmark = [pytest.mark.integration, pytest.mark.long]


def test_the_same_digit_of_another_speaker_mostly_sounds_closer_than_another_digit() -> None:
    command = [sys.executable, "-m", "bench.scorer"]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    rates = dict(re.findall(r"^(\w+) .* ([\d.]+)% of 72$", printed, re.MULTILINE))
    assert set(rates) == {"pronunciation", "intonation", "emotion", "overall"}
    # The page states 93.1 %. Other versions of libraries may move single comparisons.
    assert float(rates["pronunciation"]) > 85
    assert "peak memory" in printed
