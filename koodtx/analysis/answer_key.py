"""What an answer depends on, as a digest: the same question about the same state has the same key, no other has it."""

import hashlib
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct


class State(Struct, frozen=True):
    """What a question is about, at a moment.

    `change_no`: of the session, or of all that the user has; `analysis_version`: of the SQL that computes the answer;
    `timezone`: of the user, None where no days are counted.
    """

    change_no: int
    analysis_version: str
    timezone: str | None = None


class Question(NamedTuple):
    """A task with its arguments as they were resolved, about a state."""

    task: str
    arguments: Any
    state: State

    @property
    def key(self) -> str:
        return _digest([self.task, msgspec.to_builtins(self.arguments), msgspec.to_builtins(self.state)])


def key_for_later(task: str, arguments: Struct, run_at: datetime) -> str:
    """The key of a question about the state that will be found at `run_at`."""
    return _digest([task, msgspec.to_builtins(arguments), run_at.astimezone(UTC).isoformat()])


def _digest(parts: list[Any]) -> str:
    return hashlib.sha256(msgspec.json.encode(parts, order="deterministic")).hexdigest()
