"""What a handler declares for the OpenAPI document when Litestar cannot see it in its signature."""

from dataclasses import dataclass
from functools import reduce
from http import HTTPStatus
from operator import or_
from typing import Any, ClassVar

from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import OpenAPIMediaType, Operation, Reference, RequestBody
from msgspec import Struct

REFERENCE = "#/components/schemas/{name}"


def json_body(struct: type[Struct]) -> type[Operation]:
    """Returns the `operation_class` of a handler that decodes its body itself: JSON of this struct."""
    content = {"application/json": OpenAPIMediaType(schema=Reference(REFERENCE.format(name=struct.__name__)))}

    @dataclass
    class BodyOperation(Operation):
        body: ClassVar[type[Struct]] = struct

        def __post_init__(self) -> None:
            self.request_body = RequestBody(content=content, required=True)

    return BodyOperation


def optional_body(struct: type[Struct]) -> type[Operation]:
    """Returns the `operation_class` of a handler that may be called without a body: JSON of this struct, or nothing."""
    content = {"application/json": OpenAPIMediaType(schema=Reference(REFERENCE.format(name=struct.__name__)))}

    @dataclass
    class OptionalBodyOperation(Operation):
        body: ClassVar[type[Struct]] = struct

        def __post_init__(self) -> None:
            self.request_body = RequestBody(content=content, required=False)

    return OptionalBodyOperation


def written_reply(
    *structs: type[Struct], description: str = HTTPStatus.OK.phrase, media_type: str = "application/json"
) -> ResponseSpec:
    """Returns an entry of `responses` for a handler that encodes its reply itself: one of these structs."""
    one_of: type[Any] = reduce(or_, structs)
    return ResponseSpec(one_of, description=description, generate_examples=False, media_type=media_type)
