"""Where the API of `koodtx up` is reached."""

import http.client
from urllib.parse import urlsplit


def base_url(host: str, port: int) -> str:
    """The URL for this machine's own browser; a server that listens everywhere is reached on loopback."""
    reached = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104 - compared, not bound
    return f"http://[{reached}]:{port}" if ":" in reached else f"http://{reached}:{port}"


def answers_ok(url: str) -> bool:
    """Whether GET answers 200 within some seconds."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=5)
    try:
        connection.request("GET", parts.path)
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
