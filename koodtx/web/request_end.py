"""What a request holds is released when it ends, however it ends."""

from contextlib import ExitStack

from litestar.types import ASGIApp, Receive, Scope, Send

_KEY = "on_end"


class RequestEnd:
    """ASGI middleware: gives each request an ExitStack, which is closed after the last byte of its answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with ExitStack() as on_end:
            scope["state"][_KEY] = on_end
            await self.app(scope, receive, send)


def on_end_of(scope: Scope) -> ExitStack:
    """Returns the ExitStack of a request or a WebSocket."""
    on_end: ExitStack = scope["state"][_KEY]
    return on_end
