"""What Litestar's OpenAPI document does not know by itself: the errors, who may call, bodies that handlers decode."""

from collections import defaultdict
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, ClassVar

import msgspec
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.spec import OpenAPIMediaType, Operation, Reference, RequestBody
from litestar.routes import HTTPRoute
from msgspec import Struct

from koodtx.errors import (
    BodyTooSlow,
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
    UnsupportedMedia,
)
from koodtx.web.messages import ErrorResponse

_BODY_ERRORS = [Malformed, BodyTooSlow, TooLarge, UnsupportedMedia, Invalid, TooMany]
_REFERENCE = "#/components/schemas/{name}"

Document = dict[str, Any]


class _BodyOperation(Operation):
    """An operation whose handler decodes the body itself, as a `body`."""

    body: ClassVar[type[Struct]]


def json_body(struct: type[Struct]) -> type[Operation]:
    """For `operation_class=` of a handler that reads its own body: documents it as JSON of this struct."""
    content = {"application/json": OpenAPIMediaType(schema=Reference(_REFERENCE.format(name=struct.__name__)))}

    @dataclass
    class BodyOperation(_BodyOperation):
        body = struct

        def __post_init__(self) -> None:
            self.request_body = RequestBody(content=content, required=True)

    return BodyOperation


def complete(document: Document, app: Litestar) -> Document:
    """A copy with security and error responses of each operation, and the structs of `json_body`."""
    document = deepcopy(document)
    structs: set[type[Struct]] = {ErrorResponse}
    for route in app.routes:
        operations = document["paths"].get(route.path_format, {})
        for method, (handler, _) in route.route_handler_map.items() if isinstance(route, HTTPRoute) else ():
            if operation := operations.get(method.lower()):
                _complete_operation(operation, handler)
            if issubclass(handler.operation_class, _BodyOperation):
                structs.add(handler.operation_class.body)
    _, schemas = msgspec.json.schema_components(structs, ref_template=_REFERENCE)
    document["components"]["schemas"] = schemas | document["components"].get("schemas", {})
    return document


def _complete_operation(operation: Document, handler: HTTPRouteHandler) -> None:
    if handler.opt["policy"] == "public":
        operation["security"] = []
    # Litestar documents its own 400 for what is answered here by 422.
    responses = {status: reply for status, reply in operation["responses"].items() if status != "400"}
    by_status: dict[int, list[type[KoodtxError]]] = defaultdict(list)
    for error in _errors(operation, handler):
        by_status[error.status].append(error)
    operation["responses"] = responses | {str(status): _response(by_status[status]) for status in sorted(by_status)}


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
