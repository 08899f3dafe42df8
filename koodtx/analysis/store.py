"""The room's SQL calls."""

from datetime import date
from typing import Any, Literal, LiteralString

from msgspec import Struct, structs

from koodtx.database.query import Connection, execute, fetch_one, fetch_value
from koodtx.jobs.store import Subject

Function = Literal["session_analysis", "anomaly_report", "metrics_report", "user_statistics"]

_QUERIES: dict[Function, LiteralString] = {
    "session_analysis": "select analytics.session_analysis(%(recording_id)s, %(sensitivity)s, %(accuracy_max_m)s)",
    "anomaly_report": "select analytics.anomaly_report(%(recording_id)s, %(sensitivity)s, %(mode)s, %(window_s)s)",
    "metrics_report": "select analytics.metrics_report(%(recording_id)s)",
    "user_statistics": "select analytics.user_statistics(%(user_id)s, %(start_date)s::date, %(end_date)s::date)",
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


async def find_user(connection: Connection, user_id: int) -> Subject:
    """All that the user has, in its present state."""
    subject = await fetch_one(
        connection,
        Subject,
        "select user_id, null::bigint as recording_id, change_no from app.change_sequences where user_id = %(user_id)s",
        {"user_id": user_id},
    )
    assert subject is not None
    return subject


async def last_30_days(connection: Connection, user_id: int) -> Period:
    """Ending today, in the user's time zone."""
    period = await fetch_one(
        connection,
        Period,
        """
        select today - 29 as start_date, today as end_date
        from app.users cross join lateral analytics.local_day(now(), timezone) as today
        where id = %(user_id)s
        """,
        {"user_id": user_id},
    )
    assert period is not None
    return period


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


async def history_version(connection: Connection, user_id: int) -> str:
    """Changes whenever any job of the user does."""
    return str(
        await fetch_value(
            connection,
            "select concat(count(*), '.', sum(version)) from app.jobs where user_id = %(user_id)s",
            {"user_id": user_id},
        )
    )
