"""Connections whose client does not read are ended by the kernel, whatever is still to be written."""

import os
import socket
from contextlib import suppress
from pathlib import Path

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

_UNREAD_FOR_S = 45
_OPEN_FILES = Path("/proc/self/fd")


class EndUnreadConnections:
    """ASGI middleware: sets a time limit for unread bytes on the sockets that this process listens on.

    The server has no such setting. Connections inherit it from the socket that accepted them, which exists when the
    first request is served. Only Linux has the option and lists the sockets of a process.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._is_set = not hasattr(socket, "TCP_USER_TIMEOUT") or not _OPEN_FILES.is_dir()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._is_set and scope["type"] == ScopeType.HTTP:
            self._is_set = True
            limit_unread_time(_UNREAD_FOR_S)
        await self.app(scope, receive, send)


def limit_unread_time(seconds: int) -> None:
    """Has the kernel end connections whose client takes no bytes for so long, of all listening sockets."""
    for file in _OPEN_FILES.iterdir():
        # A file may be no socket, or be closed meanwhile.
        with suppress(OSError), socket.socket(fileno=os.dup(int(file.name))) as opened:
            is_tcp = opened.family in (socket.AF_INET, socket.AF_INET6)
            if is_tcp and opened.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, seconds * 1000)
