"""Has numba compile what librosa needs, before anything is scored."""

import os
import tempfile
from pathlib import Path

import numpy as np
from filelock import FileLock

from koodtx.scorer.decode import RATE_HZ, Recording
from koodtx.scorer.score import score


def warm_up() -> None:
    """Takes about 20 s, once per installation if numba's cache can be written. Processes of a user do it in turn.

    Two that compile at the same time can leave a cache that crashes every process that loads it:
    https://github.com/numba/numba/issues/10128
    """
    with FileLock(Path(tempfile.gettempdir()) / f"koodtx-compile-{os.getuid()}.lock"):
        tone = np.sin(np.arange(RATE_HZ, dtype=np.float32) * np.float32(2 * np.pi * 150 / RATE_HZ))
        recording = Recording(tone, RATE_HZ, 0.0)
        score(recording, recording)
