"""Which URLs and addresses may be sent messages: users choose them, so none may lead into our own network."""

import asyncio
import re
import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import httpx

_MAX_HOST_LENGTH = 253
_LABEL = r"(?!-)[a-z0-9_-]{1,63}(?<!-)"
_NAME = re.compile(rf"{_LABEL}(\.{_LABEL})*")
# Ports below belong to other protocols.
_FIRST_FREE_PORT = 1024
_HTTPS_PORT = 443
_HTTP_PORT = 80

# All that is assigned for public use. What lies elsewhere has a meaning of its own, or none.
_PUBLIC_V6 = ip_network("2000::/3")
# What `is_global` does not know, at least in some versions of Python.
_NOT_PUBLIC = [
    ip_network(text)
    for text in (
        "192.0.0.0/24",  # protocols of the IETF; metadata of Oracle's cloud
        "192.88.99.0/24",  # once relays of 6to4
        "168.63.129.16/32",  # metadata of Azure
        "3fff::/20",  # documentation
    )
]
# Hold an IPv4 address in their last four bytes.
_NAT64 = ip_network("64:ff9b::/96")


class AddressRefused(ValueError):
    """The URL or its address may not be sent messages."""


def checked_url(text: str, *, allow_private: bool) -> httpx.URL:
    """The URL in parts. Looks nothing up. Raises AddressRefused, saying what is wrong."""
    try:
        if not re.fullmatch(r"[!-~]+", text):
            raise httpx.InvalidURL("")
        url = httpx.URL(text)
    except httpx.InvalidURL:
        raise AddressRefused("must be a URL of visible ASCII characters, like https://app.example.org/hooks") from None
    if url.scheme != "https" and not (allow_private and url.scheme == "http"):
        raise AddressRefused("must begin with https://")
    if url.userinfo:
        raise AddressRefused("must not contain a user name or password")
    if "#" in text:
        raise AddressRefused("must not contain a fragment")
    _check_port(url.port, allow_private=allow_private)
    _check_host(host_of(url), allow_private=allow_private)
    return url


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether everybody may reach it: it is neither local, private, shared, reserved, nor for many receivers."""
    if isinstance(address, IPv6Address):
        embedded = _embedded(address)
        if embedded is not None:
            return is_public(embedded)
        if address not in _PUBLIC_V6:
            return False
    return (
        address.is_global
        and not address.is_multicast
        and not any(address.version == network.version and address in network for network in _NOT_PUBLIC)
    )


def host_of(url: httpx.URL) -> str:
    """The host as it is looked up, in ASCII."""
    return url.raw_host.decode("ascii")


async def resolve(url: httpx.URL, *, allow_private: bool) -> list[str]:
    """The addresses of the host, looked up once. Raises AddressRefused: it has none, or one that is not public."""
    try:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host_of(url), url.port or _HTTPS_PORT, type=socket.SOCK_STREAM)
    except OSError:
        raise AddressRefused("the host has no address") from None
    addresses = list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))
    if not allow_private and not all(is_public(ip_address(address)) for address in addresses):
        raise AddressRefused("the host has an address that is not public")
    return addresses


def _embedded(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that a packet to this one ends at; None: there is none."""
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour


def _check_port(port: int | None, *, allow_private: bool) -> None:
    allowed = (None, _HTTPS_PORT, _HTTP_PORT) if allow_private else (None, _HTTPS_PORT)
    if port not in allowed and not _FIRST_FREE_PORT <= (port or 0) < 65_536:
        raise AddressRefused("must have the port 443, or one from 1024 to 65535")


def _check_host(host: str, *, allow_private: bool) -> None:
    try:
        address = ip_address(host)
    except ValueError:
        is_name = len(host) <= _MAX_HOST_LENGTH and _NAME.fullmatch(host)
        # Other forms of an IPv4 address: 127.1, 0x7f000001, 2130706433.
        if not is_name or re.fullmatch(r"[0-9]+|0x[0-9a-f]*", host.rpartition(".")[2]):
            raise AddressRefused("must have a host name, in its ASCII form, or an IP address") from None
        return
    if not allow_private and not is_public(address):
        raise AddressRefused("must not have an address that is not public")
