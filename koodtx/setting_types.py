"""Types of settings that several rooms have."""

import re
from typing import Annotated
from urllib.parse import urlsplit

from msgspec import Meta

Count = Annotated[int, Meta(ge=0)]
Positive = Annotated[int, Meta(ge=1)]


def split(text: str) -> list[str]:
    """The parts of a list that is separated by commas."""
    return [part.strip() for part in text.split(",") if part.strip()]


def is_http_url(text: str) -> bool:
    """Returns whether it is a URL of HTTP with a host that can be looked up, of visible ASCII characters."""
    try:
        url = urlsplit(text)
        host = url.hostname or ""
        # A ValueError for a name that cannot be looked up, e.g. with an empty part; for a port above 65535 as well.
        host.encode("idna")
        is_valid = url.scheme in ("http", "https") and re.fullmatch(r"[\w.:-]+", host) and url.port != 0
    except ValueError:
        is_valid = False
    return bool(is_valid) and not re.search(r"[^!-~]", text)
