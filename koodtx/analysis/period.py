"""The days that statistics are about: as given, or counted from the day on which they are made."""

from datetime import date

from koodtx.analysis import store
from koodtx.analysis.store import Period
from koodtx.database.query import Connection
from koodtx.errors import invalid_field

# Of the kinds about the caller but `generate_statistics`, which is one sum however many days there are.
MAX_DAYS = 366


async def resolve(connection: Connection, user_id: int, start: date | None, end: date | None) -> Period | None:
    """30 days to today in the user's time zone, or from or to the days given. None: there is no such user.

    Raises Invalid when the start is after the end.
    """
    default = await store.last_30_days(connection, user_id)
    if default is None:
        return None
    last = end or default.end_date
    days = (default.end_date - default.start_date).days
    # Python has no day before the first of year 1.
    first = start or date.fromordinal(max(last.toordinal() - days, 1))
    check_order(first, last)
    return Period(first, last)


def check_order(start: date | None, end: date | None) -> None:
    """Raises Invalid when the start is after the end."""
    if start is not None and end is not None and start > end:
        raise invalid_field("start_date", "must not be after end_date")


def check_length(kind: str, start: date | None, end: date | None) -> None:
    """Raises Invalid when there are more than MAX_DAYS days, both included, for a kind that has this limit."""
    is_limited = kind != "generate_statistics"
    if is_limited and start is not None and end is not None and (end - start).days >= MAX_DAYS:
        raise invalid_field("start_date", f"must lie less than {MAX_DAYS} days before end_date for this kind")
