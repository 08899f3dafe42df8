"""Calls of other services over HTTP, within bounds that httpx does not have."""

import ssl
from collections.abc import Mapping

import httpx


def make_client(headers: Mapping[str, str] | None = None, verify: ssl.SSLContext | bool = True) -> httpx.AsyncClient:
    """Returns a client that follows no redirects. It has no time limits: the caller limits a call as a whole.

    `verify`: certificates that were read before.
    """
    # Compressed answers could be small on the wire only.
    common = {"Accept-Encoding": "identity", "User-Agent": "koodtx"}
    return httpx.AsyncClient(
        headers=common | dict(headers or {}),
        timeout=None,  # noqa: S113
        follow_redirects=False,
        verify=verify,
    )


async def read_body(answer: httpx.Response, max_bytes: int) -> bytes | None:
    """Returns the body of an answer as it was sent; None: it has more than `max_bytes`."""
    body = bytearray()
    async for piece in answer.aiter_raw():
        body += piece
        if len(body) > max_bytes:
            return None
    return bytes(body)
