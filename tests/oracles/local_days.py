"""Days of a time zone by Python's own time zones: a day begins at its first midnight."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tests.oracles.scheduled_times import local_instant


def local_day_bounds(day: date, zone: str) -> tuple[datetime, datetime]:
    """The first instant of the day and of the next one."""
    return begin(day, zone), begin(day + timedelta(days=1), zone)


def begin(day: date, zone: str) -> datetime:
    return local_instant(datetime.combine(day, time()), zone)


def local_day(at: datetime, zone: str) -> date:
    """The latest day that has begun."""
    shown = at.astimezone(ZoneInfo(zone)).date()
    return max(shown + timedelta(days=off) for off in (-1, 0, 1) if begin(shown + timedelta(days=off), zone) <= at)
