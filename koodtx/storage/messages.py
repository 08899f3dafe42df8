"""A link to a file."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct


class Link(Struct):
    """A link by which a file can be downloaded, without a token, until it expires."""

    url: Annotated[str, Meta(description="Absolute, or a path of this service.")]
    expires_at: datetime
