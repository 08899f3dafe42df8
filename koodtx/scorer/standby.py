"""Holds the port until the first request, in a tenth of the memory of the server."""

import socket
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer

# The server needs about a second to start.
RETRY_AFTER_S = 2
_REQUEST_LIMIT_S = 10


class _NotYet(BaseHTTPRequestHandler):
    """Answers that the server is starting: the API asks again, as it does when a server is busy."""

    timeout = _REQUEST_LIMIT_S

    def do_GET(self) -> None:
        self.send_response(503)
        self.send_header("Retry-After", str(RETRY_AFTER_S))
        self.send_header("Content-Length", "0")
        self.send_header("Connection", "close")
        self.end_headers()

    do_POST = do_GET  # noqa: N815 - the name is that of the base class

    def log_message(self, *_: object) -> None:
        """Nothing: the request comes again."""


class _Server(TCPServer):
    allow_reuse_address = True


class _ServerIPv6(_Server):
    address_family = socket.AF_INET6


def wait_for_request(host: str, port: int) -> None:
    """Returns when the first connection was answered; the port is free then."""
    server_class = _ServerIPv6 if ":" in host else _Server
    with server_class((host, port), _NotYet) as server:
        server.handle_request()
