"""Names in paths that contain a slash: `%2F` is part of the name, `/` separates names."""

from typing import Annotated
from urllib.parse import unquote

from litestar.params import PathParameter
from litestar.types import ASGIApp, Receive, Scope, Send

from koodtx.names import MAX_NAME_LENGTH

# To be read by `name_of`.
SessionId = Annotated[str, PathParameter(max_length=MAX_NAME_LENGTH, description="Chosen by the client.")]

# Replaces an encoded slash until the route is found: no stored name contains a NUL character.
_SLASH = "\0"
_ENCODED = "%00"


class EncodedSlashes:
    """ASGI middleware. Servers decode the whole path, after which `%2F` and `/` look the same."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        raw = scope.get("raw_path", b"").partition(b"?")[0]
        if b"%2f" in raw.lower():
            scope["path"] = unquote(raw.decode("latin-1").replace("%2F", _ENCODED).replace("%2f", _ENCODED))
        await self.app(scope, receive, send)


def name_of(parameter: str) -> str:
    """Returns a path parameter as the client wrote it."""
    return parameter.replace(_SLASH, "/")
