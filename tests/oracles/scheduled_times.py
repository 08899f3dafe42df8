"""When clocks of a zone show a local time, by Python's own time zones, minute by minute where they jump."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

_MINUTE = timedelta(minutes=1)


def local_instant(local: datetime, zone: str) -> datetime:
    """The first instant at which clocks show `local`, or the first after the gap in which it lies (whole minutes)."""
    here = ZoneInfo(zone)
    first = local.replace(tzinfo=here, fold=0).astimezone(UTC)
    if first.astimezone(here).replace(tzinfo=None) == local:
        return first
    instant = local.replace(tzinfo=here, fold=1).astimezone(UTC)
    while instant.astimezone(here).replace(tzinfo=None) < local:
        instant += _MINUTE
    return instant


def latest_scheduled_at(frequency: str, hour: int, minute: int, zone: str, now: datetime) -> datetime:
    """The latest time that has come, of all of the last 70 days."""
    times = times_between(frequency, hour, minute, zone, now - timedelta(days=70), now + timedelta(days=2))
    return max(time for time in times if time <= now)


def next_scheduled_at(frequency: str, hour: int, minute: int, zone: str, now: datetime) -> datetime:
    """The first time that comes, of all of the next 70 days."""
    times = times_between(frequency, hour, minute, zone, now - timedelta(days=2), now + timedelta(days=70))
    return min(time for time in times if time > now)


def times_between(frequency: str, hour: int, minute: int, zone: str, first: datetime, last: datetime) -> set[datetime]:
    """The times of all days from the local day of `first` to that of `last`."""
    if frequency == "hourly":
        start = first.replace(minute=minute, second=0, microsecond=0)
        return {start + timedelta(hours=hours) for hours in range((last - first).days * 24)}
    day, end = (at.astimezone(ZoneInfo(zone)).date() for at in (first, last))
    times = set()
    while day <= end:
        if _is_scheduled(frequency, day):
            times.add(local_instant(datetime(day.year, day.month, day.day, hour, minute), zone))
        day += timedelta(days=1)
    return times


def _is_scheduled(frequency: str, day: date) -> bool:
    return {"daily": True, "weekly": day.weekday() == 6, "monthly": day.day == 1}[frequency]
