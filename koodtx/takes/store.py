"""The room's SQL calls."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import UNSET, Struct
from psycopg.types.json import Jsonb

from koodtx.database.query import Connection, execute, fetch_one, fetch_value
from koodtx.takes.messages import Status, TakeResult

# In app.circuit_breakers.
_SERVER = "analysis-server"
_MAX_FAILURES = 5


class Line(Struct):
    """What can be spoken. Without reference audio it has no takes."""

    id: int
    has_audio: bool


class Usage(Struct):
    """What a user has stored."""

    take_count: int
    byte_count: int


class NewTake(Struct, frozen=True, kw_only=True):
    """A recording that is stored."""

    job_id: UUID
    user_id: int
    line_id: int
    audio_key: str
    duration_s: float
    sample_rate_hz: int


class Take(Struct, kw_only=True):
    """A row of app.takes."""

    job_id: UUID
    user_id: int
    line_id: int
    status: Status
    pronunciation_score: float | None
    intonation_score: float | None
    emotion_score: float | None
    overall_score: float | None
    detailed_feedback: Any
    error: str | None
    created_at: datetime

    def result(self) -> TakeResult:
        """Returns the take as its user reads it."""
        return TakeResult(
            job_id=self.job_id,
            token_id=self.line_id,
            status=self.status,
            pronunciation_score=self.pronunciation_score,
            intonation_score=self.intonation_score,
            emotion_score=self.emotion_score,
            overall_score=self.overall_score,
            detailed_feedback=self.detailed_feedback,
            created_at=self.created_at,
            error=UNSET if self.error is None else self.error,
        )


class TakeToAnalyse(Struct):
    """What is sent of a take, and how far that is. `now`: by the database's clock."""

    status: Status
    now: datetime
    give_up_at: datetime
    submitted_at: datetime | None
    submissions: int
    text: str
    language: str
    take_key: str
    reference_key: str | None


class Ending(Struct, frozen=True, kw_only=True):
    """How a take ends: with all scores, or with an error."""

    pronunciation_score: float | None = None
    intonation_score: float | None = None
    emotion_score: float | None = None
    overall_score: float | None = None
    detailed_feedback: dict[str, Any] | str | None = None
    error: str | None = None


async def find_line(connection: Connection, line_id: int) -> Line | None:
    """The line, which is not deleted before this transaction ends."""
    return await fetch_one(
        connection,
        Line,
        "select id, audio_key is not null as has_audio from app.lines where id = %(id)s for key share",
        {"id": line_id},
    )


async def lock_user(connection: Connection, user_id: int) -> None:
    """Lets nobody else write a take of this user before this transaction ends."""
    await execute(connection, "select from app.users where id = %(id)s for no key update", {"id": user_id})


async def usage(connection: Connection, user_id: int) -> Usage:
    found = await fetch_one(connection, Usage, "select * from app.take_usage(%(user_id)s)", {"user_id": user_id})
    assert found is not None
    return found


async def insert_take(connection: Connection, take: NewTake, lifetime: timedelta) -> None:
    await execute(
        connection,
        """
        insert into app.takes (job_id, user_id, line_id, audio_key, duration_s, sample_rate_hz, give_up_at)
        values (
            %(job_id)s, %(user_id)s, %(line_id)s, %(audio_key)s, %(duration_s)s, %(sample_rate_hz)s,
            clock_timestamp() + %(lifetime)s
        )
        """,
        {name: getattr(take, name) for name in take.__struct_fields__} | {"lifetime": lifetime},
    )


async def find_own(connection: Connection, user_id: int, job_id: UUID) -> Take | None:
    """The take, if it is the user's."""
    return await fetch_one(
        connection,
        Take,
        """
        select
            job_id, user_id, line_id, status, pronunciation_score, intonation_score, emotion_score, overall_score,
            detailed_feedback, error, created_at
        from app.takes where job_id = %(job_id)s and user_id = %(user_id)s
        """,
        {"job_id": job_id, "user_id": user_id},
    )


async def find_status(connection: Connection, job_id: UUID) -> Status | None:
    status: Status | None = await fetch_value(
        connection, "select status from app.takes where job_id = %(job_id)s", {"job_id": job_id}
    )
    return status


async def find_to_analyse(connection: Connection, job_id: UUID) -> TakeToAnalyse | None:
    return await fetch_one(
        connection, TakeToAnalyse, "select * from app.take_to_analyse(%(job_id)s)", {"job_id": job_id}
    )


async def count_submission(connection: Connection, job_id: UUID) -> int | None:
    """Notes that the take is about to be sent; returns how often it has been. None: it has ended."""
    count: int | None = await fetch_value(
        connection,
        """
        update app.takes set submissions = submissions + 1 where job_id = %(job_id)s and status = 'processing'
        returning submissions
        """,
        {"job_id": job_id},
    )
    return count


async def note_accepted(connection: Connection, job_id: UUID) -> None:
    """Notes that the analysis server has accepted the take."""
    await execute(
        connection,
        "update app.takes set submitted_at = clock_timestamp() where job_id = %(job_id)s and status = 'processing'",
        {"job_id": job_id},
    )


async def end_take(connection: Connection, job_id: UUID, ending: Ending) -> Take | None:
    """None: it has ended before, or there is none."""
    feedback = ending.detailed_feedback
    return await fetch_one(
        connection,
        Take,
        """
        select
            job_id, user_id, line_id, status, pronunciation_score, intonation_score, emotion_score, overall_score,
            detailed_feedback, error, created_at
        from app.end_take(
            %(job_id)s, %(pronunciation)s, %(intonation)s, %(emotion)s, %(overall)s, %(feedback)s, %(error)s
        )
        """,
        {
            "job_id": job_id,
            "pronunciation": ending.pronunciation_score,
            "intonation": ending.intonation_score,
            "emotion": ending.emotion_score,
            "overall": ending.overall_score,
            "feedback": None if feedback is None else Jsonb(feedback),
            "error": ending.error,
        },
    )


async def admit_call(connection: Connection, pause_s: float) -> datetime | None:
    """None: the analysis server may be called; else when to look again."""
    at: datetime | None = await fetch_value(
        connection,
        "select app.admit_call(%(name)s, %(pause)s)",
        {"name": _SERVER, "pause": timedelta(seconds=pause_s)},
    )
    return at


async def note_call(connection: Connection, pause_s: float, *, is_answered: bool) -> None:
    """Notes how a call of the analysis server ended, for all processes."""
    await execute(
        connection,
        "select app.note_call(%(name)s, %(is_answered)s, %(max_failures)s, %(pause)s)",
        {
            "name": _SERVER,
            "is_answered": is_answered,
            "max_failures": _MAX_FAILURES,
            "pause": timedelta(seconds=pause_s),
        },
    )
