"""The header Retry-After of another service's answer."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def retry_after_s(text: str) -> float | None:
    """Returns the seconds of the header, which has seconds or a time; None if it has neither."""
    if re.fullmatch(r"[0-9]{1,9}", text):
        return float(text)
    try:
        at = parsedate_to_datetime(text)
    # OverflowError: of a year or an offset that is too large.
    except (ValueError, OverflowError):
        return None
    return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
