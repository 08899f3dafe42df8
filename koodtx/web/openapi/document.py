"""Completes Litestar's OpenAPI document: errors, headers, security, structs as msgspec describes them."""

from collections import defaultdict
from collections.abc import Iterator
from copy import deepcopy
from http import HTTPStatus
from typing import Any, NamedTuple, get_args

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
from koodtx.web.openapi.headers import add_headers
from koodtx.web.openapi.schemas import component_schemas, parameter_schema, simplified, union_schema
from koodtx.web.problems import problem_types

_BODY_ERRORS = [Malformed, BodyTooSlow, TooLarge, UnsupportedMedia, Invalid, TooMany]

Document = dict[str, Any]

# Of a file to download. Generated clients read a text as text.
_TEXT_FILE: Document = {"type": "string"}
_BINARY_FILE: Document = {"type": "string", "format": "binary"}
_JSON_FILE: Document = {"type": "object", "additionalProperties": True}


class _Structs(NamedTuple):
    """The structs that a handler takes and answers."""

    requests: set[type[Struct]]
    answers: set[type[Struct]]


def complete(document: Document, app: Litestar) -> Document:
    """Returns a copy of the document with the security and errors of each operation and the schemas of all structs."""
    document = deepcopy(document)
    # Sorted, as are schemas: sets, which give them, have another order in each process.
    document["paths"] = dict(sorted(document["paths"].items()))
    structs = _Structs(set(), {ErrorResponse})
    unions: dict[str, tuple[type[Struct], ...]] = {}
    enums: dict[str, list[str]] = {"ErrorResponse.type": problem_types()}
    for operation, handler in _operations(document, app):
        _complete_operation(operation, handler)
        found = _structs(handler)
        structs.requests.update(found.requests)
        structs.answers.update(found.answers)
        unions |= handler.opt.get("unions", {})
        enums |= handler.opt.get("enums", {})
    schemas = component_schemas(structs.requests, structs.answers)
    for place, values in enums.items():
        name, _, field = place.partition(".")
        if name in schemas:
            schemas[name]["properties"][field]["enum"] = values
    schemas |= {name: union_schema(members) for name, members in unions.items()}
    known = document["components"].get("schemas", {})
    schemas = {name: simplified(schema) for name, schema in known.items()} | schemas
    document["components"]["schemas"] = dict(sorted(schemas.items()))
    add_headers(document)
    return document


def _operations(document: Document, app: Litestar) -> Iterator[tuple[Document, HTTPRouteHandler]]:
    """Yields each documented operation with the handler that serves it."""
    for route in app.routes:
        operations = document["paths"].get(route.path_format, {})
        for method, (handler, _) in route.route_handler_map.items() if isinstance(route, HTTPRoute) else ():
            if operation := operations.get(method.lower()):
                yield operation, handler


def _structs(handler: HTTPRouteHandler) -> _Structs:
    """Returns the structs of a handler. Litestar's own schemas lack their descriptions."""
    signature = handler.parsed_fn_signature
    body = [field for name, field in signature.parameters.items() if name == "data"]
    requests = {part.annotation for field in body for part in (field, *field.inner_types)}
    requests.add(getattr(handler.operation_class, "body", None))
    answers = {part.annotation for part in (signature.return_type, *signature.return_type.inner_types)}
    for response in (handler.responses or {}).values():
        answers |= {response.data_container, *get_args(response.data_container)}
    for members in handler.opt.get("unions", {}).values():
        answers |= set(members)
    return _Structs(*({type_ for type_ in types if _is_struct(type_)} for types in (requests, answers)))


def _is_struct(type_: Any) -> bool:
    return isinstance(type_, type) and issubclass(type_, Struct)


def _complete_operation(operation: Document, handler: HTTPRouteHandler) -> None:
    if handler.opt["policy"] == "public":
        operation["security"] = []
    for parameter in operation.get("parameters", []):
        parameter["schema"] = parameter_schema(parameter["schema"])
        if (name := parameter["name"]) in (examples := handler.opt.get("parameter_examples", {})):
            parameter["example"] = examples[name]
    # Litestar documents its own 400 for errors that are answered by 422 here.
    responses = {status: reply for status, reply in operation["responses"].items() if status != "400"}
    declared = handler.responses or {}
    for status, reply in responses.items():
        spec = declared.get(int(status))
        default = HTTPStatus(int(status)).phrase
        reply["description"] = (spec.description if spec else None) or handler.response_description or default
        members = get_args(spec.data_container) if spec else ()
        for content in reply.get("content", {}).values():
            is_union = len(members) > 1 and all(map(_is_struct, members))
            content["schema"] = union_schema(members) if is_union else simplified(content["schema"])
        if reply.get("content") and (media_types := handler.opt.get("media_types")):
            reply["content"] = {media_type: {"schema": _file_schema(media_type)} for media_type in media_types}
    by_status: dict[int, list[type[KoodtxError]]] = defaultdict(list)
    for error in _errors(operation, handler):
        by_status[error.status].append(error)
    errors = {str(status): _response(by_status[status]) for status in sorted(by_status)}
    operation["responses"] = dict(sorted((errors | responses).items()))
    _add_examples(operation, handler.opt.get("examples", {}))


def _file_schema(media_type: str) -> Document:
    if media_type == "application/json":
        return dict(_JSON_FILE)
    return dict(_TEXT_FILE if media_type.startswith("text/") else _BINARY_FILE)


def _add_examples(operation: Document, examples: dict[str, dict[str, Any]]) -> None:
    """Adds what a handler declares in `opt["examples"]`: by `request` or status, then by name."""
    for where, named in examples.items():
        message = operation["requestBody"] if where == "request" else operation["responses"][where]
        for content in message["content"].values():
            if content["schema"] not in (_TEXT_FILE, _BINARY_FILE):
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
        KoodtxError,
    ]
    return list(dict.fromkeys(errors))


def _response(errors: list[type[KoodtxError]]) -> Document:
    described = [f"`{error.problem}`: {(error.__doc__ or '').strip()}" for error in errors]
    schema = {"$ref": REFERENCE.format(name=ErrorResponse.__name__)}
    return {
        "description": "\n\n".join(described),
        "content": {"application/problem+json": {"schema": schema}},
    }
