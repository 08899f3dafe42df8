"""The process that scores, as its server sees it: started when needed, ended when it hangs or has nothing to do."""

import asyncio
import contextlib
import os
import sys
import time
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import msgspec
import structlog

from koodtx.scorer.errors import AnalysisFailed, ScoringEnded
from koodtx.scorer.messages import Result, Scored, ScoreFiles

# The first start of an installation compiles, on a busy machine for a minute.
START_LIMIT_S = 300
SCORE_LIMIT_S = 120
# librosa and what numba compiled hold some 270 MB.
IDLE_S = 300
# One core: the others are for the API and the database.
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}

_log = structlog.get_logger("koodtx.scorer")


class Scoring:
    """One process at a time, which scores one pair of files at a time."""

    def __init__(self, idle_s: float | None = None) -> None:
        """`idle_s`: end the process when it has had nothing to do for so long; None: never."""
        self._idle_s = idle_s
        self._process: Process | None = None
        self._lock = asyncio.Lock()
        self._used_at = 0.0

    @property
    def is_warm(self) -> bool:
        """Whether a process runs that has compiled everything. Its end shows in its output before its exit code."""
        process = self._process
        if process is None or process.stdout is None:
            return False
        return process.returncode is None and not process.stdout.at_eof()

    async def warm_up(self) -> None:
        """Starts the process. Raises ScoringEnded."""
        async with self._lock:
            await self._running()

    async def score(self, reference: Path, take: Path) -> Result:
        """Raises AnalysisFailed."""
        async with self._lock:
            process = await self._running()
            question = msgspec.json.encode(ScoreFiles(str(reference), str(take))) + b"\n"
            answer = await self._answer(process, question, SCORE_LIMIT_S)
            self._used_at = time.monotonic()
        if answer.result is None:
            raise AnalysisFailed(answer.error)
        return answer.result

    async def end_when_idle(self) -> None:
        """Runs until it is cancelled."""
        while self._idle_s is not None:
            await asyncio.sleep(self._idle_s / 10)
            async with self._lock:
                if self.is_warm and time.monotonic() - self._used_at >= self._idle_s:
                    await self._end()

    async def close(self) -> None:
        """Ends the process, also while it scores."""
        await self._end()

    async def _running(self) -> Process:
        if self._process is not None and self.is_warm:
            return self._process
        await self._end()
        began = time.monotonic()
        command = (sys.executable, "-m", "koodtx.scorer.child")
        process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, env=os.environ | _ONE_THREAD)
        try:
            await self._answer(process, b"", START_LIMIT_S)
        except BaseException:
            await _kill(process)
            raise
        self._process = process
        self._used_at = time.monotonic()
        _log.info("scoring is warm", seconds=round(self._used_at - began, 1))
        return process

    async def _answer(self, process: Process, question: bytes, limit_s: float) -> Scored:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(question)
            async with asyncio.timeout(limit_s):
                line = await process.stdout.readline()
        except TimeoutError as error:
            await _kill(process)
            raise ScoringEnded(f"the comparison took longer than {limit_s} s") from error
        except BaseException:
            # What it answers now would be taken for the answer to the next question.
            await _kill(process)
            raise
        if not line:
            await _kill(process)
            raise ScoringEnded("the process that compares ended unexpectedly")
        return msgspec.json.decode(line, type=Scored)

    async def _end(self) -> None:
        if self._process is not None:
            await _kill(self._process)
            self._process = None


async def _kill(process: Process) -> None:
    """It holds nothing that would be lost."""
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    await process.wait()
