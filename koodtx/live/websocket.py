"""One WebSocket from its opening to its close code."""

import asyncio
import time
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
from litestar import WebSocket
from litestar.exceptions import WebSocketDisconnect

from koodtx.app_state import state_of
from koodtx.errors import KoodtxError, NotAuthenticated, NotFound, TokenInvalid, TooMany
from koodtx.live import messages
from koodtx.live.tickets import login_of
from koodtx.live.watch import watch

Socket = WebSocket[Any, Any, Any]

# A client that takes longer is dropped: it gets the newest state when it comes back.
_SEND_WITHIN_S = 10.0
_RECEIVE_WITHIN_S = 75.0


class ClientSilent(KoodtxError):
    """The client has not answered for too long."""


_CLOSE_CODES: dict[type[BaseException], int] = {
    NotAuthenticated: messages.TOKEN_INVALID,
    TokenInvalid: messages.TOKEN_INVALID,
    NotFound: messages.NO_SUCH_JOB,
    TooMany: messages.TOO_MANY,
    messages.AccessLost: messages.ACCESS_LOST,
    TimeoutError: messages.TOO_SLOW,
    ClientSilent: messages.NO_PONG,
}


async def serve_socket(socket: Socket, job_id: UUID, token: str | None) -> None:
    """Sends what happens to the job until it has ended; then closes with 1000, or with the code of what went wrong."""
    # Accepted first: a refused handshake cannot carry a close code.
    await socket.accept()
    if not _is_origin_allowed(socket):
        await socket.close(messages.ORIGIN_NOT_ALLOWED)
        return
    talk = asyncio.create_task(_talk(socket, job_id, token))
    received = _Received()
    listen = asyncio.create_task(received.listen(socket))
    watchdog = asyncio.create_task(received.fail_when_silent())
    done, pending = await asyncio.wait({talk, listen, watchdog}, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)
    # Of several that ended at once each is asked for its error: asyncio logs those that nobody has seen.
    errors = [task.exception() for task in done]
    if not any(isinstance(error, WebSocketDisconnect) for error in errors):
        error = next((error for error in errors if error is not None), None)
        # A client that does not read gets no close code, only the end of the connection.
        with suppress(TimeoutError):
            async with asyncio.timeout(_SEND_WITHIN_S):
                await socket.close(messages.ENDED_CODE if error is None else _CLOSE_CODES.get(type(error), 1011))


async def _talk(socket: Socket, job_id: UUID, token: str | None) -> None:
    state = state_of(socket.app)
    async with state.hub.lookups:
        login_id = await login_of(state.pool, state.settings.signing_keys, token)
    with state.streams.hold(login_id):
        async for _, message in watch(state.pool, state.hub, login_id, job_id):
            async with asyncio.timeout(_SEND_WITHIN_S):
                await socket.send_text(msgspec.json.encode(message).decode())


class _Received:
    """When the client was last received of; whatever it sends is a sign of life."""

    def __init__(self) -> None:
        self._at = time.monotonic()

    async def listen(self, socket: Socket) -> None:
        while True:
            await socket.receive_data("text")
            self._at = time.monotonic()

    async def fail_when_silent(self) -> None:
        # A time, not an event, is waited for.
        while (silent_s := time.monotonic() - self._at) < _RECEIVE_WITHIN_S:  # noqa: ASYNC110
            await asyncio.sleep(_RECEIVE_WITHIN_S - silent_s)
        raise ClientSilent


def _is_origin_allowed(socket: Socket) -> bool:
    """A browser names the page's origin: one of the CORS setting's, or our own. Apps name none."""
    origin = socket.headers.get("origin")
    if origin is None:
        return True
    return origin in state_of(socket.app).settings.cors_origin_list or urlsplit(origin).netloc == socket.headers.get(
        "host"
    )
