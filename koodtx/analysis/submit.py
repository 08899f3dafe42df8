"""From a question to the job that answers it: the one that did already, or a new one."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct
from psycopg_pool import AsyncConnectionPool
from redis.asyncio import Redis

from koodtx.analysis import store, tasks
from koodtx.analysis.answer_key import Question, State, key_for_later
from koodtx.analysis.messages import KINDS, KINDS_OF_USER, AnalysisRequest, AnalysisStarted, Kind
from koodtx.analysis.period import check_length, check_order, resolve
from koodtx.database.query import Connection
from koodtx.errors import NotFound, invalid_field
from koodtx.jobs import notify, own
from koodtx.jobs import store as jobs
from koodtx.jobs.task import Task, find_task

_YEAR = timedelta(days=366)
# A client's clock may be wrong, so a time that has just passed means at once.
_LATE = timedelta(days=1)
_FIRST_DAY = date(1970, 1, 1)
# Fields that some kinds have no use for.
_GOES_WITH: dict[str, tuple[Kind, ...]] = {
    "session_id": tuple(kind for kind in KINDS if kind not in KINDS_OF_USER),
    "sensitivity": ("analyze_sensor_data", "detect_anomalies"),
    "mode": ("detect_anomalies",),
    "window_s": ("detect_anomalies",),
    "accuracy_max_m": ("analyze_sensor_data", "mobility"),
    "sensor": ("activity", "rhythm"),
    "axis": ("rhythm",),
    "start_date": KINDS_OF_USER,
    "end_date": KINDS_OF_USER,
}
_DEFAULTS = {field.name: field.default for field in msgspec.structs.fields(AnalysisRequest)}


async def submit(
    pool: AsyncConnectionPool, redis: Redis | None, user_id: int, question: AnalysisRequest, *, max_waiting: int
) -> AnalysisStarted:
    """Raises Invalid, naming the field, NotFound and TooMany; nothing is enqueued then."""
    _check(question)
    task: Task[Any] = find_task(question.kind)
    # One that has passed gains no place before others.
    run_at = question.run_at if question.run_at and question.run_at > datetime.now(UTC) else None
    async with pool.connection() as connection, connection.transaction():
        subject = await _subject(connection, user_id, question)
        state = await _state(connection, subject)
        arguments = await _arguments(connection, question, subject, is_resolved=run_at is None)
        if run_at is None:
            key = Question(task.name, arguments, state).key
        else:
            _check_start(question, run_at, state)
            key = key_for_later(task.name, arguments, run_at)
        known = await jobs.find_answer(connection, user_id, key)
        if known is not None:
            return AnalysisStarted(known.id, known.status, reused=True)
        await own.check_limit(connection, user_id, max_waiting, is_due=run_at is None)
        job_id = await task.enqueue(connection, arguments, subject=subject, run_at=run_at, answer_key=key)
    if run_at is None:
        await notify.wake_worker(redis, task.lane)
    return AnalysisStarted(job_id, "queued")


async def _subject(connection: Connection, user_id: int, question: AnalysisRequest) -> jobs.Subject:
    if question.session_id is None:
        subject = await store.find_user(connection, user_id)
    else:
        subject = await store.find_session(connection, user_id, question.session_id)
    if subject is None:
        raise NotFound("there is no such session, or it is not yours")
    return subject


async def _state(connection: Connection, subject: jobs.Subject) -> State:
    assert subject.user_id is not None
    if subject.recording_id is None:
        state = await store.user_state(connection, subject.user_id)
    else:
        state = await store.session_state(connection, subject.recording_id)
    if state is None:
        raise NotFound("there is no such session, or it is not yours")
    return state


async def _arguments(
    connection: Connection, question: AnalysisRequest, subject: jobs.Subject, *, is_resolved: bool
) -> Struct:
    """What the task is called with: only the fields its kind uses, so that equal questions have equal arguments.

    `is_resolved`: with the days of today; else a job finds them when it runs.
    """
    if question.kind in KINDS_OF_USER:
        assert subject.user_id is not None
        start, end = question.start_date, question.end_date
        check_order(start, end)
        if is_resolved and (period := await resolve(connection, subject.user_id, start, end)) is not None:
            start, end = period.start_date, period.end_date
        check_length(question.kind, start, end)
        return _arguments_of_user(question, subject.user_id, start, end)
    assert subject.recording_id is not None
    if question.kind == "analyze_sensor_data":
        return tasks.AnalyzeArguments(subject.recording_id, question.sensitivity, question.accuracy_max_m)
    if question.kind == "detect_anomalies":
        return tasks.AnomaliesArguments(subject.recording_id, question.sensitivity, question.mode, question.window_s)
    return tasks.MetricsArguments(subject.recording_id)


def _arguments_of_user(question: AnalysisRequest, user_id: int, start: date | None, end: date | None) -> Struct:
    if question.kind == "mobility":
        return tasks.MobilityArguments(user_id, start, end, question.accuracy_max_m)
    if question.kind == "activity":
        return tasks.ActivityArguments(user_id, start, end, question.sensor)
    if question.kind == "rhythm":
        return tasks.RhythmArguments(user_id, start, end, question.sensor, question.axis)
    return tasks.StatisticsArguments(user_id, start, end)


def _check_start(question: AnalysisRequest, run_at: datetime, state: State) -> None:
    """Without an end the period ends when the job runs: it must have begun by then."""
    if state.timezone is not None and question.end_date is None:
        end = run_at.astimezone(ZoneInfo(state.timezone)).date()
        check_order(question.start_date, end)
        check_length(question.kind, question.start_date, end)


def _check(question: AnalysisRequest) -> None:
    is_about_session = question.kind not in KINDS_OF_USER
    if is_about_session and question.session_id is None:
        raise invalid_field("session_id", f"is needed for {question.kind}")
    for field, kinds in _GOES_WITH.items():
        if question.kind not in kinds and getattr(question, field) != _DEFAULTS[field]:
            raise invalid_field(field, f"does not go with {question.kind}")
    now = datetime.now(UTC)
    if question.run_at is not None and not now - _LATE <= question.run_at <= now + _YEAR:
        raise invalid_field("run_at", "must lie between now and a year ahead")
    for field in ("start_date", "end_date"):
        day = getattr(question, field)
        if day is not None and not _FIRST_DAY <= day <= (now + _YEAR).date():
            raise invalid_field(field, f"must lie between {_FIRST_DAY} and a year ahead")
