"""Web pages of origins that are not allowed, in the log: browsers show their users no reason."""

import structlog
from litestar.datastructures import Headers
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

_log = structlog.get_logger("koodtx.requests")
_MAX_ORIGINS = 100


class LogRefusedOrigins:
    """ASGI middleware: logs each origin once, up to a number, as strangers choose what they send."""

    def __init__(self, app: ASGIApp, allowed: list[str]) -> None:
        self.app = app
        self._known = set(allowed)
        self._limit = len(allowed) + _MAX_ORIGINS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP:
            headers = Headers.from_scope(scope)
            origin = headers.get("origin", "")
            if origin and origin not in self._known and not self._is_own(origin, headers.get("host", "")):
                self._report(origin)
        await self.app(scope, receive, send)

    def _report(self, origin: str) -> None:
        if len(self._known) < self._limit:
            self._known.add(origin)
            _log.warning("origin is not allowed, see KOODTX_CORS_ORIGINS", origin=origin[:200])

    @staticmethod
    def _is_own(origin: str, host: str) -> bool:
        """Our own pages name their origin too."""
        return origin.partition("://")[2] == host
