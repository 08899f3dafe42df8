"""What the functions find is what the OpenAPI document promises: each real result fits its struct, member by member."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from koodtx.analysis.examples import RESULTS
from koodtx.analysis.messages import KINDS, AnalysisResult
from koodtx.analysis.results import AnomalyReport, SessionAnalysis, SessionMetrics
from koodtx.analysis.user_results import UserActivity, UserMobility, UserRhythm, UserStatistics
from tests.support.aliases import Ask, Record, Rows
from tests.support.job_driver import JobDriver
from tests.support.readings import reading_at, series

pytestmark = pytest.mark.integration

FUNCTIONS = {
    "session_analysis(%s)": SessionAnalysis,
    "session_analysis(%s, 0.5, 1)": SessionAnalysis,
    "anomaly_report(%s, 0.5)": AnomalyReport,
    "anomaly_report(%s, 3, 'robust')": AnomalyReport,
    "anomaly_report(%s, 1, 'rolling', 5)": AnomalyReport,
    "metrics_report(%s)": SessionMetrics,
}

_OCTOBER = "id, '2025-10-01', '2025-10-31'"
USER_FUNCTIONS = {
    "user_statistics({days})": UserStatistics,
    "mobility_report({days})": UserMobility,
    "mobility_report({days}, null, 1)": UserMobility,
    "activity_report({days})": UserActivity,
    "activity_report({days}, null, 'watch')": UserActivity,
    "rhythm_report({days})": UserRhythm,
    "rhythm_report({days}, null, 'thermometer', 'temperature')": UserRhythm,
}

MOTION = [reading_at(n / 100, x=n % 7 / 2, y=-n / 16, z=9.8) for n in range(300)]
FIXES = [
    reading_at(n, "gps", latitude=37.5 + n / 1e4, longitude=127, accuracy=n, speed=1.5, altitude=40, bearing=-1)
    for n in range(30)
]
RECORDINGS: dict[str, Rows] = {
    "nothing": [],
    "one reading": [reading_at(0, x=1, y=2, z=3)],
    "one reading of text": [reading_at(0, "label", text="walking")],
    "one fix": FIXES[:1],
    "two readings at once": [reading_at(0, x=1, y=2, z=3), reading_at(0, "gyroscope", x=1, y=2, z=3)],
    "nothing that varies": series([20.0] * 50),
    "one far off": series([20.0, 21.0] * 50 + [90.0]),
    "a night at home": [reading_at(1800 * n, "gps", latitude=37.5, longitude=127) for n in range(60)],
    "a day": [reading_at(600 * n, x=n % 7, y=0, z=9.8) for n in range(150)],
    "a gap": [reading_at(n + 600 * (n > 20), x=1, y=n, z=3) for n in range(40)],
    "all kinds of sensors": MOTION + FIXES + series([20.0, 21.0] * 20),
    "extra channels": [
        reading_at(n, "watch", heart_rate=60 + n, temperature=36.5, steps=n, label="run", battery={"level": 1})
        for n in range(20)
    ],
    "names of our own": [reading_at(n, "count", axes=n, quality=2 * n, channel=1) for n in range(20)],
    "axes without a magnitude": [reading_at(n, "touch", x=n, y=-n) for n in range(20)],
    "before the start and after the end": series([1.0, 2.0] * 20, step_s=100),
}


def members(value: Any, path: str = "") -> set[str]:
    """The path of every member of every object."""
    if isinstance(value, list):
        return {found for item in value for found in members(item, path)}
    if not isinstance(value, dict):
        return set()
    return {f"{path}/{key}" for key in value}.union(*(members(item, f"{path}/{key}") for key, item in value.items()))


def assert_fits(found: Any, struct: Any) -> None:
    """Strictly: every member has its type, none is missing, none is unknown."""
    converted = msgspec.convert(found, struct)
    assert members(msgspec.to_builtins(converted)) == members(found)


@pytest.mark.parametrize("name", RECORDINGS)
@pytest.mark.parametrize("is_over", [True, False])
def test_every_result_of_a_session_fits_its_struct(record: Record, ask: Ask, name: str, is_over: bool) -> None:
    ended = {"end_time": "2025-10-09T09:00:00Z", "sample_rate": 100} if is_over else {}
    session = record(RECORDINGS[name], **ended)
    for function, struct in FUNCTIONS.items():
        [row] = ask(f"select analytics.{function} as found", session)
        assert_fits(row["found"], struct)


@pytest.mark.parametrize("name", [None, *RECORDINGS])
def test_every_result_of_a_user_fits_its_struct(record: Record, ask: Ask, name: str | None) -> None:
    if name is not None:
        record(RECORDINGS[name])
    # The task adds the days that it has resolved.
    days = {"start_date": "2025-10-01", "end_date": "2025-10-31", "timezone": "Asia/Seoul"}
    for function, struct in USER_FUNCTIONS.items():
        [row] = ask(f"select analytics.{function.format(days=_OCTOBER)} as found from app.users")
        assert_fits(days | row["found"], struct)


def test_a_member_too_many_does_not_fit() -> None:
    found = RESULTS["generate_statistics"]["result"]
    assert_fits(found, UserStatistics)
    with pytest.raises(AssertionError):
        assert_fits(found | {"more": 1}, UserStatistics)
    with pytest.raises(msgspec.ValidationError):
        assert_fits({name: value for name, value in found.items() if name != "distance_m"}, UserStatistics)


@pytest.mark.parametrize("kind", KINDS)
def test_examples_fit(kind: str) -> None:
    assert_fits(RESULTS[kind], AnalysisResult)


def test_reply_is_one_of_the_documented_results(
    client: TestClient[Litestar], driver: JobDriver, auth_headers: dict[str, str], ask: Ask
) -> None:
    url = f"/api/v1/analysis/{driver.job_id}/result"
    [row] = ask("select analytics.metrics_report(id) as found from app.recording_sessions")
    for step in (lambda: None, driver.claim, lambda: driver.complete(row["found"])):
        step()
        reply = client.get(url, headers=auth_headers)
        assert_fits(reply.json(), AnalysisResult)
    answer = msgspec.json.decode(reply.content, type=AnalysisResult)
    assert answer.job_id == UUID(driver.job_id)
    assert isinstance(answer.result, SessionMetrics)
    assert isinstance(answer.result.sensors["accelerometer"].quality.first_at, datetime)
    assert reply.json()["result"] == row["found"]
