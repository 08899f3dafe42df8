"""Answers that every room shares."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from koodtx.errors import FieldError


class ErrorResponse(Struct):
    """An error, as RFC 9457 problem details (`application/problem+json`)."""

    type: Annotated[str, Meta(examples=["urn:koodtx:problem:invalid"])]
    title: str
    status: int
    detail: str
    request_id: str
    errors: list[FieldError] = []
    clock_offset_ms: Annotated[
        int | UnsetType, Meta(description="As in the answer to a push: the error is about a time of the phone's clock.")
    ] = UNSET
