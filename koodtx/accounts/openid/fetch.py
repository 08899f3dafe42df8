"""Fetches the keys of an issuer over HTTP (OpenID Connect Discovery 1.0, section 4)."""

import asyncio

import httpx
import msgspec
from msgspec import Struct

from koodtx.accounts.openid.key_set import Key, read_keys
from koodtx.accounts.settings import is_trusted_url
from koodtx.http_client import make_client, read_body

_MAX_BYTES = 256 * 1024


class IssuerFailed(Exception):
    """The issuer did not answer with its keys."""


class _Discovery(Struct):
    issuer: str
    jwks_uri: str


async def fetch_keys(issuer_url: str, timeout_s: float) -> list[Key]:
    """Raises IssuerFailed, at the latest after `timeout_s`."""
    try:
        # The time of both requests together is limited.
        async with asyncio.timeout(timeout_s), make_client({"Accept": "application/json"}) as http:
            jwks_uri = await _discover(http, issuer_url)
            keys = read_keys(await _get(http, jwks_uri))
    except TimeoutError as error:
        raise IssuerFailed(f"no answer within {timeout_s:g} s") from error
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise IssuerFailed(f"not reachable: {type(error).__name__}") from error
    except (ValueError, RecursionError) as error:
        raise IssuerFailed("an answer that is not valid") from error
    if not keys:
        raise IssuerFailed("a key set without a key that can be used")
    return keys


async def _discover(http: httpx.AsyncClient, issuer_url: str) -> str:
    body = await _get(http, f"{issuer_url.rstrip('/')}/.well-known/openid-configuration")
    discovery = msgspec.json.decode(body, type=_Discovery)
    # Section 4.3: or else another issuer's keys would sign for this one.
    if discovery.issuer != issuer_url:
        raise IssuerFailed("the discovery document is another issuer's")
    if not may_have_keys_at(issuer_url, discovery.jwks_uri):
        raise IssuerFailed("jwks_uri must be an https:// URL")
    return discovery.jwks_uri


def may_have_keys_at(issuer_url: str, jwks_uri: str) -> bool:
    """Whether the keys are as safe there as the issuer is: only one on this machine may have them there."""
    return is_trusted_url(jwks_uri) and (jwks_uri.startswith("https:") or issuer_url.startswith("http:"))


async def _get(http: httpx.AsyncClient, url: str) -> bytes:
    async with http.stream("GET", url) as answer:
        if answer.status_code != httpx.codes.OK:
            raise IssuerFailed(f"status {answer.status_code}")
        body = await read_body(answer, _MAX_BYTES)
    if body is None:
        raise IssuerFailed(f"an answer of more than {_MAX_BYTES} bytes")
    return body
