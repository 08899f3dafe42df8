"""What Litestar's OpenAPI document does not know by itself: the errors, who may call, bodies that handlers decode."""

from collections import defaultdict
from copy import deepcopy
from dataclasses import dataclass
from functools import reduce
from http import HTTPStatus
from operator import or_
from typing import Any, ClassVar, get_args

import msgspec
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import OpenAPIMediaType, Operation, Reference, RequestBody
from litestar.routes import HTTPRoute
from msgspec import Struct

from koodtx.errors import (
    DatabaseUnavailable,
    Invalid,
    KoodtxError,
    Malformed,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    TokenInvalid,
    TooLarge,
    TooMany,
)
from koodtx.web.errors import BodyTooSlow, UnsupportedMedia
from koodtx.web.messages import ErrorResponse

_BODY_ERRORS = [Malformed, BodyTooSlow, TooLarge, UnsupportedMedia, Invalid, TooMany]
_REFERENCE = "#/components/schemas/{name}"

Document = dict[str, Any]


def json_body(struct: type[Struct]) -> type[Operation]:
    """For `operation_class=` of a handler that reads its own body: documents it as JSON of this struct."""
    content = {"application/json": OpenAPIMediaType(schema=Reference(_REFERENCE.format(name=struct.__name__)))}

    @dataclass
    class BodyOperation(Operation):
        body: ClassVar[type[Struct]] = struct

        def __post_init__(self) -> None:
            self.request_body = RequestBody(content=content, required=True)

    return BodyOperation


def written_reply(
    *structs: type[Struct], description: str = HTTPStatus.OK.phrase, media_type: str = "application/json"
) -> ResponseSpec:
    """For `responses=` of a handler that writes its own reply: documents it as one of these structs."""
    one_of: type[Any] = reduce(or_, structs)
    return ResponseSpec(one_of, description=description, generate_examples=False, media_type=media_type)


def complete(document: Document, app: Litestar) -> Document:
    """A copy with security and errors of each operation, and the structs as msgspec describes them."""
    document = deepcopy(document)
    structs: set[type[Struct]] = {ErrorResponse}
    for route in app.routes:
        operations = document["paths"].get(route.path_format, {})
        for method, (handler, _) in route.route_handler_map.items() if isinstance(route, HTTPRoute) else ():
            if operation := operations.get(method.lower()):
                _complete_operation(operation, handler)
                structs |= _structs(handler)
    _, schemas = msgspec.json.schema_components(structs, ref_template=_REFERENCE)
    document["components"]["schemas"] = document["components"].get("schemas", {}) | schemas
    return document


def _structs(handler: HTTPRouteHandler) -> set[type[Struct]]:
    """What a handler takes and answers. Litestar's own schemas of them lack their descriptions."""
    signature = handler.parsed_fn_signature
    fields = [signature.return_type, *(field for name, field in signature.parameters.items() if name == "data")]
    types = {part.annotation for field in fields for part in (field, *field.inner_types)}
    for response in (handler.responses or {}).values():
        types |= {response.data_container, *get_args(response.data_container)}
    types |= {getattr(handler.operation_class, "body", None), *handler.opt.get("structs", [])}
    return {type_ for type_ in types if isinstance(type_, type) and issubclass(type_, Struct)}


def _complete_operation(operation: Document, handler: HTTPRouteHandler) -> None:
    if handler.opt["policy"] == "public":
        operation["security"] = []
    # Litestar documents its own 400 for what is answered here by 422.
    responses = {status: reply for status, reply in operation["responses"].items() if status != "400"}
    described = {str(status): spec.description for status, spec in (handler.responses or {}).items()}
    for status, reply in responses.items():
        reply["description"] = described.get(status) or handler.response_description or HTTPStatus(int(status)).phrase
    by_status: dict[int, list[type[KoodtxError]]] = defaultdict(list)
    for error in _errors(operation, handler):
        by_status[error.status].append(error)
    operation["responses"] = responses | {str(status): _response(by_status[status]) for status in sorted(by_status)}
    _add_examples(operation, handler.opt.get("examples", {}))


def _add_examples(operation: Document, examples: dict[str, dict[str, Any]]) -> None:
    """Of what a handler declares in `opt["examples"]`: by `request` or a status, then by name."""
    for where, named in examples.items():
        message = operation["requestBody"] if where == "request" else operation["responses"][where]
        for content in message["content"].values():
            content["examples"] = {name: {"value": value} for name, value in named.items()}


def _errors(operation: Document, handler: HTTPRouteHandler) -> list[type[KoodtxError]]:
    """Of every operation of its kind, and those that the handler names in `opt["errors"]`."""
    policy = handler.opt["policy"]
    parameters = operation.get("parameters", [])
    has_body = "requestBody" in operation
    errors: list[type[KoodtxError]] = [
        *(_BODY_ERRORS if has_body else [Invalid] if parameters else []),
        *([NotAuthenticated, TokenInvalid] if policy != "public" else []),
        *([NotAllowed] if policy == "admin" else []),
        *([NotFound] if any(parameter["in"] == "path" for parameter in parameters) else []),
        *([DatabaseUnavailable] if has_body or policy != "public" else []),
        *handler.opt.get("errors", []),
    ]
    return list(dict.fromkeys(errors))


def _response(errors: list[type[KoodtxError]]) -> Document:
    described = [f"`{error.problem}`: {(error.__doc__ or '').strip()}" for error in errors]
    schema = {"$ref": _REFERENCE.format(name=ErrorResponse.__name__)}
    return {
        "description": "\n\n".join(described),
        "content": {"application/problem+json": {"schema": schema}},
    }
