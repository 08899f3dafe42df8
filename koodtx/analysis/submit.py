"""From a question to the job that answers it: the one that did already, or a new one."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from psycopg_pool import AsyncConnectionPool
from redis.asyncio import Redis

from koodtx.analysis import store
from koodtx.analysis.messages import AnalysisRequest, AnalysisStarted
from koodtx.database.query import Connection
from koodtx.errors import NotFound, TooMany, invalid_field
from koodtx.jobs import notify
from koodtx.jobs import store as jobs

_YEAR = timedelta(days=366)
# A clock may be wrong, so a time that has just passed means at once.
_LATE = timedelta(days=1)
_RETRY_AFTER_S = 60
_FIRST_DAY = date(1970, 1, 1)


async def ask(
    pool: AsyncConnectionPool, redis: Redis | None, user_id: int, question: AnalysisRequest, *, max_waiting: int
) -> AnalysisStarted:
    """Raises Invalid, naming the field, NotFound and TooMany; nothing is enqueued then."""
    _check(question)
    async with pool.connection() as connection, connection.transaction():
        subject = await _subject(connection, user_id, question)
        arguments = await _arguments(connection, user_id, question, subject)
        if question.run_at is None:
            known = await store.find_answer(connection, user_id, question.kind, arguments, subject)
            if known is not None:
                return AnalysisStarted(known.id, known.status, reused=True)
        if max_waiting and await jobs.count_waiting(connection, user_id) >= max_waiting:
            raise TooMany(f"{max_waiting} of your jobs are waiting", retry_after_s=_RETRY_AFTER_S)
        job_id = await jobs.enqueue(
            connection,
            question.kind,
            arguments,
            user_id=user_id,
            recording_id=subject.id,
            session_change_no=subject.change_no,
            # The queue goes by this time: nobody gets ahead of others by one that has passed.
            run_at=max(question.run_at, datetime.now(UTC)) if question.run_at else None,
        )
    await notify.wake_worker(redis)
    return AnalysisStarted(job_id, "queued")


async def _subject(connection: Connection, user_id: int, question: AnalysisRequest) -> store.Subject:
    if question.session_id is None:
        return await store.find_user(connection, user_id)
    session = await store.find_session(connection, user_id, question.session_id)
    if session is None:
        raise NotFound("there is no such session, or it is not yours")
    return session


async def _arguments(
    connection: Connection, user_id: int, question: AnalysisRequest, subject: store.Subject
) -> dict[str, Any]:
    """What the task is called with: of the question only what its kind goes by, so that like questions are equal."""
    if question.kind == "generate_statistics":
        period = await store.last_30_days(connection, user_id)
        end = question.end_date or period.end_date
        start = question.start_date or end - (period.end_date - period.start_date)
        if start > end:
            raise invalid_field("start_date", "must not be after end_date")
        return {"user_id": user_id, "start_date": start.isoformat(), "end_date": end.isoformat()}
    chosen: dict[str, Any] = {"recording_id": subject.id}
    if question.kind == "analyze_sensor_data":
        chosen |= {"sensitivity": question.sensitivity, "accuracy_max_m": question.accuracy_max_m}
    elif question.kind == "detect_anomalies":
        chosen |= {"sensitivity": question.sensitivity, "mode": question.mode, "window_s": question.window_s}
    return chosen


def _check(question: AnalysisRequest) -> None:
    is_about_session = question.kind != "generate_statistics"
    if is_about_session and question.session_id is None:
        raise invalid_field("session_id", f"is needed for {question.kind}")
    if not is_about_session and question.session_id is not None:
        raise invalid_field("session_id", "does not go with generate_statistics")
    if question.session_id is not None and "\0" in question.session_id:
        raise invalid_field("session_id", "has a NUL character")
    now = datetime.now(UTC)
    if question.run_at is not None and not now - _LATE <= question.run_at <= now + _YEAR:
        raise invalid_field("run_at", "must lie between now and a year ahead")
    for field in ("start_date", "end_date"):
        day = getattr(question, field)
        if day is not None and not _FIRST_DAY <= day <= (now + _YEAR).date():
            raise invalid_field(field, f"must lie between {_FIRST_DAY} and a year ahead")
