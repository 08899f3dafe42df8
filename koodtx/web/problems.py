"""Errors as RFC 9457 problem details: the one place where an exception becomes a response."""

import re
from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.params import ParameterKwarg
from litestar.types import ExceptionHandlersMap
from msgspec import UNSET

from koodtx.database.query import translated
from koodtx.errors import FieldError, Invalid, KoodtxError, all_errors
from koodtx.json import in_json_words
from koodtx.names import NO_NUL, PRINTABLE
from koodtx.web.logs import path_of
from koodtx.web.messages import ErrorResponse

_log = structlog.get_logger("koodtx.errors")


def handle_koodtx_error(request: Request[Any, Any, Any], error: KoodtxError) -> Response[ErrorResponse]:
    """Errors that KooDTX raises itself."""
    return problem_response(request, error)


def handle_validation_error(request: Request[Any, Any, Any], error: ValidationException) -> Response[ErrorResponse]:
    """A body, query or path that does not match its struct: 422 with the name of each wrong field."""
    if _lacks_body(request):
        return problem_response(request, *_missing_body(request))
    fields = [
        FieldError(_field_name(request, item), _plain(item.get("message", ""))) for item in _extra_items(error.extra)
    ]
    if not fields and (missing := _named(error.detail)):
        fields = [FieldError(missing, "is missing")]
    return problem_response(request, Invalid(_summary(fields, _plain(error.detail))), fields)


def handle_msgspec_error(request: Request[Any, Any, Any], error: msgspec.ValidationError) -> Response[ErrorResponse]:
    """A body that a handler decoded itself: msgspec names the field."""
    message, _, path = str(error).partition(" - at `")
    message = _plain(message)
    # A key of an object: "key` in `$.session.units".
    path = path.rstrip("`").removeprefix("key` in `").removeprefix("$").lstrip(".")
    fields = [FieldError(".".join(part for part in (path, _named(message)) if part), message)]
    return problem_response(request, Invalid(_summary(fields, message)), fields)


def handle_http_exception(request: Request[Any, Any, Any], error: HTTPException) -> Response[ErrorResponse]:
    """Litestar's own errors: unknown path, wrong method."""
    known = KoodtxError(error.detail)
    response = problem_response(request, known, status=error.status_code)
    response.headers.update(error.headers or {})
    return response


def handle_any(request: Request[Any, Any, Any], error: Exception) -> Response[ErrorResponse]:
    """Errors of the database. Any other exception is a bug and is logged with its traceback."""
    known = translated(error)
    if known is None:
        _log.error("unhandled error", exc_info=error, path=path_of(request.scope))
        known = KoodtxError()
    return problem_response(request, known)


def problem_response(
    request: Request[Any, Any, Any],
    error: KoodtxError,
    errors: list[FieldError] | None = None,
    *,
    status: int | None = None,
) -> Response[ErrorResponse]:
    """Returns the problem document of an error. docs/errors.md lists the types, `urn:koodtx:problem:<name>`."""
    status = status or error.status
    problem = error.problem if status == error.status else _STATUS_PROBLEMS.get(status, _OTHER_PROBLEM)
    content = ErrorResponse(
        type=f"{_PREFIX}{problem}",
        title=problem.replace("-", " ").capitalize(),
        status=status,
        detail=error.detail,
        request_id=request.scope["state"].get("request_id", ""),
        errors=errors or error.extra.get("errors", []),
        clock_offset_ms=error.extra.get("clock_offset_ms", UNSET),
    )
    headers: dict[str, str] = dict(error.extra.get("headers", {}))
    if error.retry_after_s is not None:
        headers["Retry-After"] = str(error.retry_after_s)
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(content, status_code=status, media_type="application/problem+json", headers=headers)


_RULES = {
    NO_NUL: "must not contain NUL characters",
    PRINTABLE: "must not contain control characters",
    "Expected `datetime` with a timezone component": (
        "has no time zone: end it with Z or +09:00 (Dart: DateTime.now().toUtc().toIso8601String())"
    ),
}
_PREFIX = "urn:koodtx:problem:"
_OTHER_PROBLEM = "http-error"
_STATUS_PROBLEMS = {400: "malformed", 404: "not-found", 405: "method-not-allowed", 413: "too-large"}

HANDLERS: ExceptionHandlersMap = {
    KoodtxError: handle_koodtx_error,
    ValidationException: handle_validation_error,
    msgspec.ValidationError: handle_msgspec_error,
    HTTPException: handle_http_exception,
    Exception: handle_any,
}


def problem_types() -> list[str]:
    """Returns every `type` that an error may have."""
    names = {error.problem for error in all_errors() if error.__module__.startswith("koodtx.")}
    names |= {KoodtxError.problem, _OTHER_PROBLEM, *_STATUS_PROBLEMS.values()}
    return sorted(f"{_PREFIX}{name}" for name in names)


def _lacks_body(request: Request[Any, Any, Any]) -> bool:
    data = _parameters(request).get("data")
    return data is not None and not data.is_optional and request.scope["state"].get("body") == b""


def _missing_body(request: Request[Any, Any, Any]) -> tuple[Invalid, list[FieldError]]:
    """Returns the error of an empty body, and the fields that are missing in it."""
    body = _parameters(request)["data"].annotation
    fields = msgspec.structs.fields(body) if isinstance(body, type) and issubclass(body, msgspec.Struct) else ()
    missing = [FieldError(field.encode_name, "is missing") for field in fields if field.required]
    names = ", ".join(error.field for error in missing)
    detail = f"the body is empty: send a JSON object with {names}" if names else "the body is empty: send a JSON object"
    return Invalid(detail), missing or [FieldError("body", "is empty")]


def _parameters(request: Request[Any, Any, Any]) -> dict[str, Any]:
    return request.route_handler.parsed_fn_signature.parameters


def _extra_items(extra: Any) -> list[dict[str, Any]]:
    """Returns what is wrong. Beside that, Litestar names an optional body that was not sent: `'data'`."""
    items = [item for item in extra if isinstance(item, dict)] if isinstance(extra, list) else []
    return [item for item in items if item.get("message") != repr(item.get("key"))]


def _field_name(request: Request[Any, Any, Any], item: dict[str, Any]) -> str:
    """Returns the name the client used. Litestar names the handler's parameter, which is `data` for the body."""
    key, message = str(item.get("key", "")), item.get("message", "")
    parameter = _parameters(request).get(key)
    if parameter is not None and isinstance(parameter.kwarg_definition, ParameterKwarg):
        return parameter.kwarg_definition.name or key
    path = [part for part in (key.removeprefix("data").lstrip("."), _named(message)) if part]
    return ".".join(path)


def _named(message: str) -> str:
    """Returns the name of what is missing or unknown: "missing required field `name`", "unknown field `name`", "Missing
    required query parameter 'name'"; else "".
    """
    found = re.search(r"(?:issing required|unknown) [a-z ]+[`']([^`']+)[`']", message)
    return found[1] if found else ""


def _plain(message: str) -> str:
    """Returns the message of msgspec or Litestar in JSON's words, and a rule instead of its regular expression."""
    for pattern, rule in _RULES.items():
        if repr(pattern)[1:-1] in message or pattern in message:
            return rule
    return in_json_words(message)


def _summary(fields: list[FieldError], otherwise: str) -> str:
    named = [f"{item.field}: {item.message}" if item.field else item.message for item in fields]
    return "; ".join(named) or otherwise
