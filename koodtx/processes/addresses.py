"""Ports of this machine, and the URL of a server on one."""

import errno
import http.client
import random
import socket
from urllib.parse import urlsplit

from koodtx.processes.errors import ProcessFailed

# Below the ports that systems give to outgoing connections, so that a server which died finds its own port free.
_PORTS = range(20000, 32000)
_TRIES = 200


def base_url(host: str, port: int) -> str:
    """The URL for a browser on this machine; a server that listens on all addresses is reached on loopback."""
    reached = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104 - compared, not bound
    return f"http://[{reached}]:{port}" if ":" in reached else f"http://{reached}:{port}"


def answers_ok(url: str) -> bool:
    """Whether GET returns 200 within 5 seconds."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=5)
    try:
        connection.request("GET", parts.path)
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def free_port() -> int:
    """A port of 127.0.0.1 that nothing listens on at this moment."""
    for port in random.sample(_PORTS, _TRIES):
        if is_port_free("127.0.0.1", port):
            return port
    raise ProcessFailed("No free port between 20000 and 32000 on 127.0.0.1: stop some servers.")


def is_port_free(host: str, port: int) -> bool:
    """Whether a server could listen there now. Raises ProcessFailed if `host` is not an address of this machine."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror as error:
        raise ProcessFailed(f"{host} is not an address of this machine: try --host 127.0.0.1") from error
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except PermissionError as error:
            raise ProcessFailed("Only root may use ports below 1024: choose another with --port.") from error
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise ProcessFailed(f"Cannot listen on {host}: {error.strerror}") from error
    return True
