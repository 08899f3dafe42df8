"""What every room may answer."""

from typing import Annotated

from msgspec import Meta, Struct

from koodtx.errors import Invalid


class FieldError(Struct):
    """One field that is wrong."""

    field: Annotated[str, Meta(description="Path of the field in the request.", examples=["session.start_time"])]
    message: str


class ErrorResponse(Struct):
    """An error, as RFC 9457 problem details (`application/problem+json`)."""

    type: Annotated[str, Meta(examples=["urn:koodtx:problem:invalid"])]
    title: str
    status: int
    detail: str
    request_id: str
    errors: list[FieldError] = []


def invalid_field(field: str, message: str) -> Invalid:
    """The error of one field that is wrong."""
    return Invalid(f"{field} {message}", errors=[FieldError(field, message)])
