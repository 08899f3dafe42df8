"""The client's address behind trusted proxies."""

from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

from litestar.connection import ASGIConnection

from koodtx.app_state import state_of
from koodtx.errors import SettingsError

Network = IPv4Network | IPv6Network


def client_address(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """Returns the peer's address or, behind trusted proxies, the nearest other address in X-Forwarded-For.

    What an untrusted peer writes into that header is ignored.
    """
    address = connection.client.host if connection.client else "unknown"
    networks = trusted_networks(tuple(state_of(connection.app).settings.trusted_proxy_list))
    hops = ",".join(connection.headers.getall("x-forwarded-for", [])).split(",")
    while hops and _is_trusted(address, networks):
        nearest = hops.pop().strip()
        if not _is_address(nearest):
            break
        address = nearest
    return address


@lru_cache(maxsize=8)
def trusted_networks(proxies: tuple[str, ...]) -> list[Network]:
    """Returns the networks of KOODTX_TRUSTED_PROXIES. Raises SettingsError."""
    try:
        return [ip_network(proxy) for proxy in proxies]
    except ValueError as error:
        raise SettingsError(f"KOODTX_TRUSTED_PROXIES: {error}") from error


def _is_trusted(address: str, networks: list[Network]) -> bool:
    return _is_address(address) and any(ip_address(address) in network for network in networks)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
