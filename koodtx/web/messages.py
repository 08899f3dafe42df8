"""What every room may answer."""

from typing import Annotated

from msgspec import Meta, Struct

from koodtx.errors import FieldError


class ErrorResponse(Struct):
    """An error, as RFC 9457 problem details (`application/problem+json`)."""

    type: Annotated[str, Meta(examples=["urn:koodtx:problem:invalid"])]
    title: str
    status: int
    detail: str
    request_id: str
    errors: list[FieldError] = []
