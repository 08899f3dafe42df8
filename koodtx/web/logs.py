"""The request log: one JSON line per request, without bodies, paths, query strings, tokens or e-mail addresses.

Whatever is logged during a request carries its `request_id`.
"""

import asyncio
import re
import time
import uuid
from typing import Any

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send, WebSocketScope
from structlog.contextvars import bound_contextvars

from koodtx.web.metrics import REQUEST_SECONDS

_log = structlog.get_logger("koodtx.requests")
# As nginx counts a client that closed its connection before it got an answer.
_HUNG_UP = 499
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class RequestLog:
    """ASGI middleware: gives each request an id, measures, counts and logs it.

    The id is the client's X-Request-ID if that is 1 to 64 letters, digits, `.`, `_` and `-`.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in (ScopeType.HTTP, ScopeType.WEBSOCKET):
            await self.app(scope, receive, send)
            return
        request_id = scope["state"]["request_id"] = _request_id(scope)
        with bound_contextvars(request_id=request_id):
            if scope["type"] == ScopeType.HTTP:
                await self._measured(scope, receive, send, request_id)
            else:
                await self.app(scope, receive, send)

    async def _measured(self, scope: HTTPScope, receive: Receive, send: Send, request_id: str) -> None:
        started = time.perf_counter()
        status = 500
        has_hung_up = False

        async def receive_until_end() -> Any:
            nonlocal has_hung_up
            message = await receive()
            has_hung_up = has_hung_up or message["type"] == "http.disconnect"
            return message

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                # Nobody receives an answer that begins after the client has hung up; the server is not at fault.
                status = _HUNG_UP if has_hung_up else message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
            await send(message)

        try:
            await self.app(scope, receive_until_end, send_with_id)
        except asyncio.CancelledError:
            has_hung_up = True
            raise
        finally:
            _record(scope, _HUNG_UP if has_hung_up and status == 500 else status, time.perf_counter() - started)


def path_of(scope: Scope) -> str:
    """Returns the template of the path for logs and metrics: few different values, and no ids of anybody."""
    return str(scope.get("path_template", "unknown"))


def _request_id(scope: HTTPScope | WebSocketScope) -> str:
    sent = dict(scope["headers"]).get(b"x-request-id", b"").decode("latin-1")
    return sent if _REQUEST_ID.fullmatch(sent) else uuid.uuid4().hex


def _record(scope: HTTPScope, status: int, seconds: float) -> None:
    path = path_of(scope)
    REQUEST_SECONDS.labels(scope["method"], path, str(status)).observe(seconds)
    _log.info(
        "request",
        method=scope["method"],
        path=path,
        status=status,
        milliseconds=round(seconds * 1000, 1),
        user_id=getattr(scope.get("user"), "user_id", None),
    )
