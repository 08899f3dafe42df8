"""Headers of the OpenAPI document."""

from typing import Any

_REQUEST_ID, _RETRY_AFTER, _AUTHENTICATE = "X-Request-ID", "Retry-After", "WWW-Authenticate"
_HEADERS: dict[str, Any] = {
    _REQUEST_ID: {
        "description": "Names the request in the server's log: the one that was sent, or a new one.",
        "schema": {"type": "string"},
    },
    _RETRY_AFTER: {
        "description": "Seconds to wait before the next attempt.",
        "schema": {"type": "integer", "format": "int32", "minimum": 0},
    },
    _AUTHENTICATE: {"description": "`Bearer`.", "schema": {"type": "string"}},
}
_BY_STATUS = {"401": [_AUTHENTICATE], "429": [_RETRY_AFTER], "503": [_RETRY_AFTER]}


def add_headers(document: dict[str, Any]) -> None:
    """Adds the headers that answers have to the document."""
    document["components"]["headers"] = _HEADERS
    for operations in document["paths"].values():
        for operation in operations.values():
            for status, reply in operation["responses"].items():
                names = [_REQUEST_ID, *_BY_STATUS.get(status, [])]
                reply["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
