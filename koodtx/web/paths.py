"""Names in paths that hold a slash: `%2F` belongs to the name, `/` ends it."""

from urllib.parse import unquote

from litestar.types import ASGIApp, Receive, Scope, Send

# What stands for an encoded slash until the route is found. No name of ours holds a NUL.
_SLASH = "\0"
_ENCODED = "%00"


class EncodedSlashes:
    """ASGI middleware: servers decode the whole path, and so lose which slashes were part of a name."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        raw = scope.get("raw_path", b"").partition(b"?")[0]
        if b"%2f" in raw.lower():
            scope["path"] = unquote(raw.decode("latin-1").replace("%2F", _ENCODED).replace("%2f", _ENCODED))
        await self.app(scope, receive, send)


def name_of(parameter: str) -> str:
    """A path parameter as the client wrote it."""
    return parameter.replace(_SLASH, "/")
