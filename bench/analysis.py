"""Rows "analysis" and "same question": a million readings analysed in SQL and in pandas, and a reused result."""

import importlib.util
import sys
import time
from typing import Any
from uuid import UUID

import psycopg
from msgspec.json import decode, encode

from bench.client import Client
from bench.data import push_body, readings
from bench.figures import Figure
from bench.in_pandas import in_pandas
from bench.measure import in_turns, seconds_of
from bench.servers import Servers
from bench.sizes import Sizes

_IN_SQL = "select analytics.session_analysis(id) from app.recording_sessions"
_SCAN = """
select sensor_type_id, count(*), avg(x), avg(y), avg(z)
from app.sensor_data where recording_id = (select id from app.recording_sessions) group by sensor_type_id
"""


def analysis(servers: Servers, sizes: Sizes) -> list[Figure]:
    """Measures the SQL function of the task analyze_sensor_data on one session."""
    with servers.api() as api, Client(api.port) as phone, psycopg.connect(api.owner_url, autocommit=True) as connection:
        _fill(phone, connection, sizes)
        scanned = in_turns(lambda _: _one(connection, _IN_SQL), lambda _: _one(connection, _SCAN), sizes.analyses)
        figures = [_against_scan(sizes, *scanned)]
        if importlib.util.find_spec("pandas") is None:
            print("analysis: pandas is needed for the comparison (pip install pandas)", file=sys.stderr)
        else:
            _check(_one(connection, _IN_SQL), in_pandas(connection))
            rounds = max(1, sizes.analyses // 2)
            by_pandas = in_turns(lambda _: _one(connection, _IN_SQL), lambda _: in_pandas(connection), rounds)
            figures.insert(0, _against_pandas(*by_pandas))
    return figures


def same_question(servers: Servers, sizes: Sizes) -> list[Figure]:
    """Measures the first and a repeated request over HTTP, from the request to the result."""
    with (
        servers.api() as api,
        servers.worker(api),
        Client(api.port) as phone,
        psycopg.connect(api.owner_url, autocommit=True) as connection,
    ):
        _fill(phone, connection, sizes)
        # Each request has a different sensitivity, so its result cannot be reused.
        computed_s = min(seconds_of(lambda n=n: _ask(phone, 3 + n)) for n in range(sizes.analyses))  # type: ignore[misc]
        again_s = sorted(seconds_of(lambda: _ask(phone, 3)) for _ in range(5 * sizes.analyses))[-1]
    return [
        Figure(
            row="same question again",
            value=computed_s / again_s,
            goal=20,
            is_at_least=True,
            measured=f"{again_s * 1000:.0f} ms at most for a request and its reused result",
            against=f"{computed_s:.2f} s at least to compute it from {sizes.analysed_readings:,} readings",
        )
    ]


def _fill(phone: Client, connection: psycopg.Connection[Any], sizes: Sizes) -> None:
    recording = readings(sizes.analysed_readings)
    for start in range(0, len(recording), sizes.push_readings):
        phone.push(push_body("analysed", recording[start : start + sizes.push_readings]))
    connection.execute("vacuum analyze")


def _one(connection: psycopg.Connection[Any], query: str) -> Any:
    row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def _check(in_sql: dict[str, Any], by_pandas: dict[str, Any]) -> None:
    """Asserts that both ways computed the same."""
    for sensor, expected in by_pandas.items():
        found = in_sql["sensors"][sensor]
        assert in_sql["anomalies"][sensor]["count"] == expected["anomalies"]
        assert found["count"] == expected["count"]
        for part in ({"quality": expected["quality"]}, expected["axes"]):
            for group, values in part.items():
                held = found["quality"] if group == "quality" else found["axes"][group]
                for name, value in values.items():
                    assert abs(held[name] - value) <= 1e-6 * max(1, abs(value)), (sensor, group, name)


def _ask(phone: Client, sensitivity: float) -> None:
    question = {"kind": "analyze_sensor_data", "session_id": "analysed", "sensitivity": sensitivity}
    job = UUID(decode(phone.send("POST", "/api/v1/analysis", encode(question)))["job_id"])
    while True:
        answer = decode(phone.send("GET", f"/api/v1/analysis/{job}/result"))
        if answer["result"] is not None:
            return
        assert answer["status"] in ("queued", "running"), answer
        time.sleep(0.05)


def _against_pandas(sql_s: float, pandas_s: float) -> Figure:
    return Figure(
        row="analysis",
        value=pandas_s / sql_s,
        goal=4,
        is_at_least=True,
        measured=f"{sql_s:.2f} s by session_analysis()",
        against=f"{pandas_s:.2f} s by fetchall and pandas, fewer results",
    )


def _against_scan(sizes: Sizes, sql_s: float, scan_s: float) -> Figure:
    return Figure(
        row="analysis, scans",
        value=sql_s / scan_s,
        goal=4,
        is_at_least=False,
        measured=f"{sql_s:.2f} s for {sizes.analysed_readings:,} readings",
        against=f"{scan_s:.2f} s for one plain aggregate of three columns",
    )
