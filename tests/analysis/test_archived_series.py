"""Charts of archived readings: as before archiving, and never an error, however narrow or wide their parts."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.aliases import Client, Db, Document
from tests.support.databases import value
from tests.support.readings import START_MS, reading_at

pytestmark = pytest.mark.integration

_MAX_POINTS = 10_000
_SERIES = "select * from analytics.session_series(%s, 'thermometer', %s, %s, %s)"


def time_of(seconds: float) -> datetime:
    return datetime.fromtimestamp(START_MS / 1000, UTC) + timedelta(seconds=seconds)


# At most one reading per minute: a minute of several is one point once they are archived.
readings = st.lists(
    st.tuples(st.integers(0, 2000), st.integers(0, 19_999_999)), min_size=1, max_size=12, unique_by=lambda at: at[0]
).map(lambda times: sorted(60 * minute + micros / 1e6 for minute, micros in times))
moment = st.one_of(
    st.none(),
    st.integers(0, 11),
    st.integers(-200_000_000_000, 200_000_000_000).map(lambda micros: micros / 1e6),
    st.sampled_from([-1.7e9, 5e9]),
)
ranges = st.lists(
    st.tuples(moment, moment, st.one_of(st.integers(1, 50), st.sampled_from([1000, _MAX_POINTS, 2**31 - 1]))),
    min_size=1, max_size=8,
)  # fmt: skip


@given(readings, ranges)
def test_a_chart_is_the_same_before_and_after_archiving(record, ask, db, readings, ranges):
    """Integers name a reading, so that many ranges begin or end at one, or at the same one."""
    session = record([reading_at(at, "thermometer", temperature=index % 7) for index, at in enumerate(readings)])
    asked = []
    for first, last, points in ranges:
        ends = [readings[end % len(readings)] if isinstance(end, int) else end for end in (first, last)]
        asked.append((*(None if end is None else time_of(end) for end in ends), points))
    before = [ask(_SERIES, session, *question) for question in asked]

    db.execute("select app.archive_readings(%s)", [session])

    assert [ask(_SERIES, session, *question) for question in asked] == before
    for (from_at, to_at, points), found in zip(asked, before, strict=True):
        inside = [at for at in readings if (from_at or time_of(at)) <= time_of(at) <= (to_at or time_of(at))]
        assert sum(row["count"] for row in found) == (len(inside) if points > 0 else 0)


@pytest.mark.parametrize("ends", [("-infinity", "infinity"), ("2025-01-01Z", "infinity"), ("-infinity", None)])
@pytest.mark.parametrize("points", [1, _MAX_POINTS])
def test_times_without_end_are_those_of_the_readings(record, ask, db, ends, points):
    session = record([reading_at(at, "thermometer", temperature=at) for at in (0, 30, 4000)])
    db.execute("select app.archive_readings(%s)", [session])
    found = ask("select count from analytics.session_series(%s, 'thermometer', %s, %s, %s)", session, *ends, points)
    assert sum(row["count"] for row in found) == 3


@pytest.mark.parametrize("points", [1, 2, 1000, _MAX_POINTS])
@pytest.mark.parametrize("query", ["", "&from={at}&to={at}", "&from={at}", "&to={at}", "&from=1970-01-01T00:00:00Z"])
def test_one_reading_is_one_point_of_the_api(
    client: Client, auth_headers: Document, create_session, db: Db, query: str, points: int
) -> None:
    create_session([reading_at(30.25, "light", lux=7)], session_id="s", end_time=time_of(3600).isoformat())
    at = f"{time_of(30.25):%Y-%m-%dT%H:%M:%S.%fZ}"
    url = f"/api/sessions/s/series?sensor=light&points={points}{query.format(at=at)}"
    before = client.get(url, headers=auth_headers)
    assert value(db, "select (app.archive_readings(id)).readings from app.recording_sessions") == 1

    after = client.get(url, headers=auth_headers)

    assert (before.status_code, after.status_code) == (200, 200)
    assert after.json() == before.json()
    assert after.json()["axes"] == {"lux": {"min": [7], "max": [7]}}
