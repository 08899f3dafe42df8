"""Cursors of lists that are paged by keyset: a place in the order, so that the row at that place may be deleted."""

import base64
import binascii
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Generic, NamedTuple, TypeVar

from koodtx.errors import invalid_field

Key = TypeVar("Key")

MAX_CURSOR_LENGTH = 100

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Place(NamedTuple, Generic[Key]):
    """The place of a row in a list in the order of time, rows of one time in the order of their keys."""

    at: datetime
    key: Key

    def cursor(self) -> str:
        """Returns the place as text for a client, who passes it back to get the rows after it."""
        text = f"{(self.at - _EPOCH) // _MICROSECOND} {self.key}"
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def place_of(cursor: str | None, key: Callable[[str], Key], field: str = "before") -> Place[Key] | None:
    """Returns the place that a cursor names; None: the beginning. Raises Invalid, naming `field`."""
    if cursor is None:
        return None
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
        micros, _, name = text.partition(" ")
        if not re.fullmatch("-?[0-9]{1,18}", micros):
            raise ValueError
        return Place(_EPOCH + int(micros) * _MICROSECOND, key(name))
    except (binascii.Error, ValueError, OverflowError):
        raise invalid_field(field, "is not the `next` of a page") from None


def number_key(text: str) -> int:
    """Returns the key of rows that are numbered. Raises ValueError."""
    if not re.fullmatch("[0-9]{1,18}", text):
        raise ValueError
    return int(text)
