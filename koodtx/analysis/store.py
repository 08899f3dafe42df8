"""The room's SQL calls."""

from datetime import date
from typing import Any, Literal, LiteralString
from uuid import UUID

from msgspec import Struct, structs

from koodtx.analysis.answer_key import State
from koodtx.database.query import Connection, execute, fetch_one, fetch_value
from koodtx.jobs.store import Subject

Function = Literal[
    "session_analysis", "anomaly_report", "metrics_report", "user_statistics", "mobility_report", "activity_report",
    "rhythm_report",
]  # fmt: skip
_DAYS = "%(user_id)s, %(start_date)s::date, %(end_date)s::date"

_QUERIES: dict[Function, LiteralString] = {
    "session_analysis": "select analytics.session_analysis(%(recording_id)s, %(sensitivity)s, %(accuracy_max_m)s)",
    "anomaly_report": "select analytics.anomaly_report(%(recording_id)s, %(sensitivity)s, %(mode)s, %(window_s)s)",
    "metrics_report": "select analytics.metrics_report(%(recording_id)s)",
    "user_statistics": f"select analytics.user_statistics({_DAYS})",
    "mobility_report": f"select analytics.mobility_report({_DAYS}, null, %(accuracy_max_m)s)",
    "activity_report": f"select analytics.activity_report({_DAYS}, null, %(sensor)s)",
    "rhythm_report": f"select analytics.rhythm_report({_DAYS}, null, %(sensor)s, %(axis)s)",
}


class Period(Struct):
    """Dates in the user's time zone."""

    start_date: date
    end_date: date


async def find_session(connection: Connection, user_id: int, session_id: str) -> Subject | None:
    """A session that the user may read, in its present state."""
    return await fetch_one(
        connection,
        Subject,
        """
        select %(user_id)s::bigint as user_id, id as recording_id, change_no
        from app.readable_sessions(%(user_id)s) where session_id = %(session_id)s
        """,
        {"user_id": user_id, "session_id": session_id},
    )


async def find_user(connection: Connection, user_id: int) -> Subject | None:
    """All that the user has, in its present state."""
    return await fetch_one(
        connection,
        Subject,
        "select user_id, null::bigint as recording_id, change_no from app.change_sequences where user_id = %(user_id)s",
        {"user_id": user_id},
    )


async def session_state(connection: Connection, recording_id: int) -> State | None:
    """What answers about a session depend on; None: there is no such session."""
    return await fetch_one(
        connection,
        State,
        """
        select s.change_no, app.analysis_version() as analysis_version, null as timezone
        from app.recording_sessions as s where s.id = %(recording_id)s and s.deleted_at is null
        """,
        {"recording_id": recording_id},
    )


async def user_state(connection: Connection, user_id: int) -> State | None:
    """What answers about all that a user has depend on; None: there is no such user."""
    return await fetch_one(
        connection,
        State,
        """
        select c.change_no, app.analysis_version() as analysis_version, u.timezone
        from app.users as u join app.change_sequences as c on c.user_id = u.id
        where u.id = %(user_id)s
        """,
        {"user_id": user_id},
    )


async def last_30_days(connection: Connection, user_id: int) -> Period | None:
    """Ending today, in the user's time zone; None: there is no such user."""
    return await fetch_one(
        connection,
        Period,
        """
        select today - 29 as start_date, today as end_date
        from app.users cross join lateral analytics.local_day(now(), timezone) as today
        where id = %(user_id)s
        """,
        {"user_id": user_id},
    )


async def compute(
    connection: Connection, function: Function, arguments: Struct, *, limit_s: float
) -> dict[str, Any] | None:
    """The document of a function in `analytics`; None: there is no such session. In the caller's transaction."""
    await execute(
        connection,
        "select set_config('statement_timeout', %(milliseconds)s, true)",
        {"milliseconds": str(int(limit_s * 1000))},
    )
    result: dict[str, Any] | None = await fetch_value(connection, _QUERIES[function], structs.asdict(arguments))
    return result


async def read_one_state(connection: Connection) -> None:
    """All later statements of the transaction that has just begun read the same state."""
    await execute(connection, "set transaction isolation level repeatable read")


async def job_version(connection: Connection, user_id: int, job_id: UUID) -> str | None:
    """Changes whenever the job does, and never comes a second time; None: the user may not view it.

    Anyone but the owner is entered in the access log of the share.
    After a restore, which takes versions back, the sync epoch is another one.
    """
    version: str | None = await fetch_value(
        connection,
        """
        select concat_ws('.', e.id, j.version)
        from app.use_job(%(user_id)s, %(job_id)s, 'view') as j cross join app.sync_epoch as e
        """,
        {"user_id": user_id, "job_id": job_id},
    )
    return version
