"""Errors as RFC 9457 problem details: the one place where an exception becomes a response."""

import re
from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.params import ParameterKwarg
from litestar.types import ExceptionHandlersMap

from koodtx.database.query import translated
from koodtx.errors import FieldError, Invalid, KoodtxError
from koodtx.web.messages import ErrorResponse

_log = structlog.get_logger("koodtx.errors")


def handle_koodtx_error(request: Request[Any, Any, Any], error: KoodtxError) -> Response[ErrorResponse]:
    """Our own errors."""
    return problem_response(request, error)


def handle_validation_error(request: Request[Any, Any, Any], error: ValidationException) -> Response[ErrorResponse]:
    """A body, query or path that does not fit its struct: 422, each field named."""
    fields = [FieldError(_field_name(request, item), item.get("message", "")) for item in _extra_items(error.extra)]
    if not fields and (missing := _missing(error.detail)):
        fields = [FieldError(missing, "is missing")]
    return problem_response(request, Invalid(_summary(fields, error.detail)), fields)


def handle_msgspec_error(request: Request[Any, Any, Any], error: msgspec.ValidationError) -> Response[ErrorResponse]:
    """A body decoded by a handler itself: msgspec says which field."""
    message, _, path = str(error).partition(" - at `")
    path = path.rstrip("`").removeprefix("$").lstrip(".")
    field = ".".join(part for part in (path, _missing(message)) if part)
    return problem_response(
        request, Invalid(_summary([FieldError(field, message)], message)), [FieldError(field, message)]
    )


def handle_http_exception(request: Request[Any, Any, Any], error: HTTPException) -> Response[ErrorResponse]:
    """Litestar's own: unknown path, wrong method, body too large."""
    known = KoodtxError(error.detail)
    response = problem_response(request, known, status=error.status_code)
    response.headers.update(error.headers or {})
    return response


def handle_any(request: Request[Any, Any, Any], error: Exception) -> Response[ErrorResponse]:
    """The database's errors; anything else is a fault of ours and is logged with its traceback."""
    known = translated(error)
    if known is None:
        _log.error("unhandled error", exc_info=error, path=request.url.path)
        known = KoodtxError("something went wrong on our side")
    return problem_response(request, known)


def problem_response(
    request: Request[Any, Any, Any],
    error: KoodtxError,
    errors: list[FieldError] | None = None,
    *,
    status: int | None = None,
) -> Response[ErrorResponse]:
    """The problem document of an error. Types are `urn:koodtx:problem:<name>`, listed in docs/errors.md."""
    status = status or error.status
    problem = error.problem if status == error.status else _STATUS_PROBLEMS.get(status, "http-error")
    content = ErrorResponse(
        type=f"urn:koodtx:problem:{problem}",
        title=problem.replace("-", " ").capitalize(),
        status=status,
        detail=error.detail,
        request_id=request.scope["state"].get("request_id", ""),
        errors=errors or error.extra.get("errors", []),
    )
    headers = {"Retry-After": str(error.retry_after_s)} if error.retry_after_s is not None else {}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(content, status_code=status, media_type="application/problem+json", headers=headers)


_STATUS_PROBLEMS = {400: "malformed", 404: "not-found", 405: "method-not-allowed", 413: "too-large"}

HANDLERS: ExceptionHandlersMap = {
    KoodtxError: handle_koodtx_error,
    ValidationException: handle_validation_error,
    msgspec.ValidationError: handle_msgspec_error,
    HTTPException: handle_http_exception,
    Exception: handle_any,
}


def _extra_items(extra: Any) -> list[dict[str, Any]]:
    return [item for item in extra if isinstance(item, dict)] if isinstance(extra, list) else []


def _field_name(request: Request[Any, Any, Any], item: dict[str, Any]) -> str:
    """As the client writes it: Litestar gives names of the handler's parameters, and the body's is `data`."""
    key, message = str(item.get("key", "")), item.get("message", "")
    parameter = request.route_handler.parsed_fn_signature.parameters.get(key)
    if parameter is not None and isinstance(parameter.kwarg_definition, ParameterKwarg):
        return parameter.kwarg_definition.name or key
    path = [part for part in (key.removeprefix("data").lstrip("."), _missing(message)) if part]
    return ".".join(path)


def _missing(message: str) -> str:
    """The name in "missing required field `name`" or "Missing required query parameter 'name'", else nothing."""
    found = re.search(r"issing required [a-z ]+[`']([^`']+)[`']", message)
    return found[1] if found else ""


def _summary(fields: list[FieldError], otherwise: str) -> str:
    named = [f"{item.field}: {item.message}" if item.field else item.message for item in fields]
    return "; ".join(named) or otherwise
