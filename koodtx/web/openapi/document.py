"""Completes Litestar's OpenAPI document: errors, security, structs as msgspec describes them."""

from collections import defaultdict
from copy import deepcopy
from http import HTTPStatus
from typing import Any, get_args

import msgspec
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
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
    TookTooLong,
    TooLarge,
    TooMany,
)
from koodtx.web.errors import BodyTooSlow, UnsupportedMedia
from koodtx.web.messages import ErrorResponse
from koodtx.web.openapi.declare import REFERENCE

_BODY_ERRORS = [Malformed, BodyTooSlow, TooLarge, UnsupportedMedia, Invalid, TooMany]

Document = dict[str, Any]


def complete(document: Document, app: Litestar) -> Document:
    """Returns a copy of the document with the security and errors of each operation and the schemas of all structs."""
    document = deepcopy(document)
    structs: set[type[Struct]] = {ErrorResponse}
    for route in app.routes:
        operations = document["paths"].get(route.path_format, {})
        for method, (handler, _) in route.route_handler_map.items() if isinstance(route, HTTPRoute) else ():
            if operation := operations.get(method.lower()):
                _complete_operation(operation, handler)
                structs |= _structs(handler)
    _, schemas = msgspec.json.schema_components(structs, ref_template=REFERENCE)
    document["components"]["schemas"] = document["components"].get("schemas", {}) | schemas
    return document


def _structs(handler: HTTPRouteHandler) -> set[type[Struct]]:
    """Returns the structs of a handler's requests and answers. Litestar's own schemas lack their descriptions."""
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
    # Litestar documents its own 400 for errors that are answered by 422 here.
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
    """Adds what a handler declares in `opt["examples"]`: by `request` or status, then by name."""
    for where, named in examples.items():
        message = operation["requestBody"] if where == "request" else operation["responses"][where]
        for content in message["content"].values():
            content["examples"] = {name: {"value": value} for name, value in named.items()}


def _errors(operation: Document, handler: HTTPRouteHandler) -> list[type[KoodtxError]]:
    """Returns the errors of every such operation and those that the handler lists in `opt["errors"]`."""
    policy = handler.opt["policy"]
    parameters = operation.get("parameters", [])
    has_body = "requestBody" in operation
    errors: list[type[KoodtxError]] = [
        *(_BODY_ERRORS if has_body else [Invalid] if parameters else []),
        *([NotAuthenticated, TokenInvalid] if policy != "public" else []),
        *([NotAllowed] if policy == "admin" else []),
        *([NotFound] if any(parameter["in"] == "path" for parameter in parameters) else []),
        *([TookTooLong, DatabaseUnavailable] if has_body or policy != "public" else []),
        *handler.opt.get("errors", []),
    ]
    return list(dict.fromkeys(errors))


def _response(errors: list[type[KoodtxError]]) -> Document:
    described = [f"`{error.problem}`: {(error.__doc__ or '').strip()}" for error in errors]
    schema = {"$ref": REFERENCE.format(name=ErrorResponse.__name__)}
    return {
        "description": "\n\n".join(described),
        "content": {"application/problem+json": {"schema": schema}},
    }
