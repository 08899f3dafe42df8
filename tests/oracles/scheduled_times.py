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
    if frequency == "hourly":
        times = [now.replace(minute=minute, second=0, microsecond=0) - timedelta(hours=back) for back in (0, 1)]
        return max(time for time in times if time <= now)
    today = now.astimezone(ZoneInfo(zone)).date()
    days = [today + timedelta(days=back) for back in range(-70, 2)]
    times = [
        local_instant(datetime(day.year, day.month, day.day, hour, minute), zone)
        for day in days
        if _is_scheduled(frequency, day)
    ]
    return max(time for time in times if time <= now)


def _is_scheduled(frequency: str, day: date) -> bool:
    return {"daily": True, "weekly": day.weekday() == 6, "monthly": day.day == 1}[frequency]
