"""How far the phone's clock is from the server's, by the time at which the phone says that it sent a push."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta

from koodtx.errors import invalid_field
from koodtx.readings.accepted_times import likely_unit
from koodtx.readings.times import FAR_MS, to_milliseconds
from koodtx.sync.messages import Time

# A clock that started in 1970 is never this near to the present in seconds, microseconds or nanoseconds.
_NEAR_MS = timedelta(days=1) / timedelta(milliseconds=1)
# The end of the year 9999, the last that can be written as a date.
_MAX_MS = 253_402_300_800_000


class Arrival(NamedTuple):
    """When the first bytes of a push arrived; `sent_at`: the header Sent-At, as it was sent."""

    received_at: datetime
    sent_at: str | None = None

    @classmethod
    def now(cls, sent_at: str | None = None) -> "Arrival":
        return cls(datetime.now(UTC), sent_at)


def clock_offset_ms(in_body: Time | None, arrival: Arrival) -> int | None:
    """The server's clock minus the phone's: positive when the phone's clock is slow. None: the phone did not send it.

    The header counts when both are sent: a push that is repeated byte for byte has the time of its first attempt
    in the body. Raises Invalid.
    """
    sent_at, field = in_body, "sent_at"
    if arrival.sent_at is not None:
        sent_at, field = _time_of(arrival.sent_at), "Sent-At"
    if sent_at is None:
        return None
    received_ms = to_milliseconds(arrival.received_at)
    sent_ms = max(-FAR_MS, min(to_milliseconds(sent_at), FAR_MS))
    if unit := likely_unit(sent_ms, received_ms - _NEAR_MS, received_ms + _NEAR_MS):
        raise invalid_field(field, f"looks like {unit}; milliseconds since 1970 are expected")
    if abs(sent_ms) >= _MAX_MS:
        raise invalid_field(field, "is not a time that any clock shows")
    return round(received_ms - sent_ms)


def _time_of(text: str) -> datetime | float:
    """A time in a header. Raises Invalid."""
    try:
        return float(text)
    except ValueError:
        pass
    try:
        time: datetime = msgspec.convert(text, Annotated[datetime, Meta(tz=True)])
    except msgspec.ValidationError:
        raise invalid_field("Sent-At", "must be epoch milliseconds, or ISO 8601 with a time zone") from None
    return time
