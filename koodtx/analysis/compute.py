"""What tasks do: progress, then one statement with the time that is left, then progress."""

from typing import Any, LiteralString

from koodtx.database.query import execute, fetch_value
from koodtx.errors import NotFound
from koodtx.jobs.attempt import Attempt


async def session_analysis(
    attempt: Attempt, recording_id: int, sensitivity: float, accuracy_max_m: float
) -> dict[str, Any]:
    return await _compute(
        attempt,
        "select analytics.session_analysis(%(recording_id)s, %(sensitivity)s, %(accuracy_max_m)s)",
        {"recording_id": recording_id, "sensitivity": sensitivity, "accuracy_max_m": accuracy_max_m},
    )


async def anomaly_report(
    attempt: Attempt, recording_id: int, sensitivity: float, mode: str, window_s: float
) -> dict[str, Any]:
    return await _compute(
        attempt,
        "select analytics.anomaly_report(%(recording_id)s, %(sensitivity)s, %(mode)s, %(window_s)s)",
        {"recording_id": recording_id, "sensitivity": sensitivity, "mode": mode, "window_s": window_s},
    )


async def metrics_report(attempt: Attempt, recording_id: int) -> dict[str, Any]:
    return await _compute(attempt, "select analytics.metrics_report(%(recording_id)s)", {"recording_id": recording_id})


async def user_statistics(attempt: Attempt, user_id: int, start_date: str, end_date: str) -> dict[str, Any]:
    return await _compute(
        attempt,
        "select analytics.user_statistics(%(user_id)s, %(from)s::date, %(to)s::date)",
        {"user_id": user_id, "from": start_date, "to": end_date},
    )


async def _compute(attempt: Attempt, query: LiteralString, parameters: dict[str, Any]) -> dict[str, Any]:
    await attempt.report(10, "Starting analysis...")
    async with attempt.pool.connection() as connection, connection.transaction():
        await execute(
            connection,
            "select set_config('statement_timeout', %(milliseconds)s, true)",
            {"milliseconds": str(int(attempt.seconds_left * 1000))},
        )
        result: dict[str, Any] | None = await fetch_value(connection, query, parameters)
    if result is None:
        raise NotFound("there is no such session")
    await attempt.report(90, "Saving results...")
    return result
