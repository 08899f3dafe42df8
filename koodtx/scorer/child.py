"""The process that scores: `python -m koodtx.scorer.child`, a question and an answer per line of JSON.

Its first line, without a result, says that it is warm. It ends when its input ends, so it does not outlive the server
that started it.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

from koodtx.scorer.errors import AudioUnusable
from koodtx.scorer.messages import Scored, ScoreFiles
from koodtx.scorer.score import score_files
from koodtx.scorer.warm_up import warm_up

# The API and the database of the same machine go first.
_NICENESS = 10


def main() -> None:
    """Answers until the input ends."""
    os.nice(_NICENESS)
    # What a library prints must not be taken for an answer.
    with os.fdopen(os.dup(1), "wb", buffering=0) as output:
        os.dup2(2, 1)
        _answer_all(lambda answer: output.write(msgspec.json.encode(answer) + b"\n"))


def _answer_all(answer: Callable[[Scored], object]) -> None:
    warm_up()
    answer(Scored())
    for line in sys.stdin.buffer:
        answer(_scored(msgspec.json.decode(line, type=ScoreFiles)))


def _scored(question: ScoreFiles) -> Scored:
    try:
        return Scored(result=score_files(Path(question.reference), Path(question.take)))
    except AudioUnusable as error:
        return Scored(error=error.detail)


if __name__ == "__main__":
    main()
