"""Local times of schedules, against Python's time zones: gaps, times that exist twice, days that a zone left out."""

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.oracles import scheduled_times
from tests.support.aliases import Db

pytestmark = [pytest.mark.integration]

_ZONES = [
    "UTC", "Asia/Seoul", "Europe/Berlin", "Europe/Dublin", "America/New_York", "America/St_Johns",
    "America/Sao_Paulo", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu", "Asia/Gaza",
    "Pacific/Kiritimati", "Antarctica/Troll", "Antarctica/Casey", "Atlantic/Azores", "America/Havana",
    "Asia/Beirut", "Africa/Cairo", "America/Santiago",
]  # fmt: skip


@cache
def transitions(zone: str) -> list[datetime]:
    """Days (UTC) at whose end clocks are set otherwise than at their beginning, 1996 to 2024."""
    here, day, found = ZoneInfo(zone), datetime(1996, 1, 1, tzinfo=UTC), []
    while day.year < 2025:
        after = day + timedelta(days=1)
        if day.astimezone(here).utcoffset() != after.astimezone(here).utcoffset():
            found.append(day)
        day = after
    return found


@st.composite
def moments(draw: st.DrawFn) -> tuple[str, datetime]:
    """A zone and a local minute, mostly near a change of clocks."""
    zone = draw(st.sampled_from(_ZONES))
    changes = transitions(zone)
    if changes and draw(st.integers(0, 4)):
        near = draw(st.sampled_from(changes)).replace(tzinfo=None)
        return zone, near + timedelta(minutes=draw(st.integers(-1440, 4320)))
    return zone, draw(st.datetimes(datetime(1996, 1, 1), datetime(2024, 12, 31))).replace(second=0, microsecond=0)


@settings(max_examples=300)
@given(moment=moments())
@example(moment=("Europe/Berlin", datetime(2024, 3, 31, 2, 30)))
@example(moment=("Europe/Berlin", datetime(2024, 10, 27, 2, 30)))
@example(moment=("America/Sao_Paulo", datetime(2018, 11, 4, 0, 0)))
@example(moment=("Pacific/Apia", datetime(2011, 12, 30, 12, 0)))
@example(moment=("Australia/Lord_Howe", datetime(2024, 10, 6, 2, 10)))
def test_local_instant_is_the_first_at_which_clocks_show_it(db: Db, moment: tuple[str, datetime]) -> None:
    zone, local = moment
    row = db.execute("select app.local_instant(%s, %s)", [local, zone]).fetchone()
    assert row == (scheduled_times.local_instant(local, zone),)


@settings(max_examples=200)
@given(
    moment=moments(),
    frequency=st.sampled_from(["hourly", "daily", "weekly", "monthly"]),
    hour=st.integers(0, 23),
    minute=st.integers(0, 59),
)
@example(moment=("Pacific/Apia", datetime(2011, 12, 31, 0, 1)), frequency="daily", hour=0, minute=0)
@example(moment=("Europe/Berlin", datetime(2024, 3, 31, 3, 0)), frequency="daily", hour=2, minute=30)
def test_latest_time_is_the_last_that_has_come(
    db: Db, moment: tuple[str, datetime], frequency: str, hour: int, minute: int
) -> None:
    zone, local = moment
    now = scheduled_times.local_instant(local, zone)
    row = db.execute(
        "select app.latest_scheduled_at(%s, %s, %s, %s, %s)", [frequency, hour, minute, zone, now]
    ).fetchone()
    assert row == (scheduled_times.latest_scheduled_at(frequency, hour, minute, zone, now),)


@settings(max_examples=200)
@given(
    moment=moments(),
    frequency=st.sampled_from(["hourly", "daily", "weekly", "monthly"]),
    hour=st.integers(0, 23),
    minute=st.integers(0, 59),
)
@example(moment=("Pacific/Apia", datetime(2011, 12, 29, 23, 59)), frequency="daily", hour=12, minute=0)
@example(moment=("America/Havana", datetime(2024, 3, 10, 1, 0)), frequency="weekly", hour=0, minute=30)
def test_next_time_is_the_first_that_comes(
    db: Db, moment: tuple[str, datetime], frequency: str, hour: int, minute: int
) -> None:
    zone, local = moment
    now = scheduled_times.local_instant(local, zone)
    row = db.execute(
        "select app.next_scheduled_at(%s, %s, %s, %s, %s)", [frequency, hour, minute, zone, now]
    ).fetchone()
    assert row == (scheduled_times.next_scheduled_at(frequency, hour, minute, zone, now),)


def test_hour_that_exists_twice_fires_once(db: Db) -> None:
    """Half past two comes twice in Berlin on 27 October 2024; the second time nothing more is due."""
    query = "select app.latest_scheduled_at('daily', 2, 30, 'Europe/Berlin', %s)"
    seen = {db.execute(query, [datetime(2024, 10, 27, hour, 35, tzinfo=UTC)]).fetchone() for hour in (0, 1, 2, 12)}
    assert seen == {(datetime(2024, 10, 27, 0, 30, tzinfo=UTC),)}
