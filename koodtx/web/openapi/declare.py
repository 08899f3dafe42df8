"""What a handler declares for the OpenAPI document when Litestar cannot see it in its signature.

`opt` holds the rest: `errors` that a handler raises; `examples` by `request` or status, then by name;
`parameter_examples` by name; `unions` of structs that get a schema of their own, by its name; `enums`: the values of a
text, by "Struct.field"; `media_types` of a reply that is a file.
"""

from dataclasses import dataclass
from functools import reduce
from http import HTTPStatus
from operator import or_
from typing import Any, ClassVar

from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import (
    OpenAPIFormat,
    OpenAPIMediaType,
    OpenAPIType,
    Operation,
    Parameter,
    Reference,
    RequestBody,
    Schema,
)
from msgspec import Struct

REFERENCE = "#/components/schemas/{name}"

_ENCODING = Parameter(
    name="Content-Encoding",
    param_in="header",
    description="`gzip` if the body is compressed; else absent.",
    schema=Schema(type=OpenAPIType.STRING, enum=["gzip"]),
)


def json_body(struct: type[Struct]) -> type[Operation]:
    """Returns the `operation_class` of a handler that decodes its body itself: JSON of this struct, large enough that
    clients may compress it.
    """
    content = {"application/json": OpenAPIMediaType(schema=Reference(REFERENCE.format(name=struct.__name__)))}

    @dataclass
    class BodyOperation(Operation):
        body: ClassVar[type[Struct]] = struct

        def __post_init__(self) -> None:
            self.request_body = RequestBody(content=content, required=True)
            self.parameters = [*(self.parameters or []), _ENCODING]

    return BodyOperation


def signed_json_body(struct: type[Struct]) -> type[Operation]:
    """Returns the `operation_class` of a handler that decodes its body itself: JSON of this struct, not compressed."""
    content = {"application/json": OpenAPIMediaType(schema=Reference(REFERENCE.format(name=struct.__name__)))}

    @dataclass
    class SignedBodyOperation(Operation):
        body: ClassVar[type[Struct]] = struct

        def __post_init__(self) -> None:
            self.request_body = RequestBody(content=content, required=True)

    return SignedBodyOperation


def file_form(field: str, description: str) -> type[Operation]:
    """Returns the `operation_class` of a handler that receives a form with one file."""
    file = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY, description=description)
    form = Schema(type=OpenAPIType.OBJECT, properties={field: file}, required=[field])

    @dataclass
    class FileFormOperation(Operation):
        def __post_init__(self) -> None:
            self.request_body = RequestBody(content={"multipart/form-data": OpenAPIMediaType(form)}, required=True)

    return FileFormOperation


def optional_body(struct: type[Struct]) -> type[Operation]:
    """Returns the `operation_class` of a handler that may be called without a body: JSON of this struct, or nothing."""
    content = {"application/json": OpenAPIMediaType(schema=Reference(REFERENCE.format(name=struct.__name__)))}

    @dataclass
    class OptionalBodyOperation(Operation):
        body: ClassVar[type[Struct]] = struct

        def __post_init__(self) -> None:
            self.request_body = RequestBody(content=content, required=False)

    return OptionalBodyOperation


def written_reply(*structs: type[Struct], description: str = HTTPStatus.OK.phrase) -> ResponseSpec:
    """Returns an entry of `responses` for a handler that encodes its reply itself: one of these structs."""
    one_of: type[Any] = reduce(or_, structs)
    return ResponseSpec(one_of, description=description, generate_examples=False, media_type="application/json")


def event_stream(event: type[Struct], description: str) -> ResponseSpec:
    """Returns an entry of `responses` for server-sent events: a text for clients that read it whole, or one by one."""
    one_of: Any = str | event
    return ResponseSpec(one_of, description=description, generate_examples=False, media_type="text/event-stream")
