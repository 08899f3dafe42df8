"""Where a request comes from, behind proxies that we trust and whatever others claim."""

from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from litestar.connection import ASGIConnection

from koodtx.errors import SettingsError

Network = IPv4Network | IPv6Network


def client_address(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """The peer's address; if the peer is a trusted proxy, the nearest one in X-Forwarded-For that is not."""
    address = connection.client.host if connection.client else "unknown"
    networks = trusted_networks(tuple(connection.app.state.settings.trusted_proxy_list))
    hops = ",".join(connection.headers.getall("x-forwarded-for", [])).split(",")
    while hops and _is_trusted(address, networks):
        nearest = hops.pop().strip()
        if not _is_address(nearest):
            break
        address = nearest
    return address


def limit_key(address: str) -> str:
    """What rate limits count by: of IPv6 the /64 that one subscriber has."""
    if not _is_address(address) or not isinstance(parsed := ip_address(address), IPv6Address):
        return address
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(IPv6Network((int(parsed), 64), strict=False))


@lru_cache(maxsize=8)
def trusted_networks(proxies: tuple[str, ...]) -> list[Network]:
    """The networks of KOODTX_TRUSTED_PROXIES. Raises SettingsError."""
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
