"""Which URLs and addresses may be sent messages."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koodtx.webhooks.address import AddressRefused, checked_url, host_of, is_public

pytestmark = pytest.mark.unit

_PUBLIC = ["8.8.8.8", "1.1.1.1", "172.32.0.1", "2606:4700::1111", "2001:4860:4860::8888"]
_NOT_PUBLIC = [
    # This machine, and every address of it.
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "::1", "::",
    # Private, shared and link-local.
    "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "169.254.1.1", "fe80::1", "fc00::1",
    "fd12:3456::1", "fec0::1",
    # Metadata of clouds.
    "169.254.169.254", "fd00:ec2::254", "100.100.100.200", "192.0.0.192", "168.63.129.16",
    # Many receivers, documentation, reserved, not assigned.
    "224.0.0.1", "239.255.255.255", "ff02::1", "ff0e::1", "255.255.255.255", "240.0.0.1", "192.0.2.1", "198.51.100.1",
    "203.0.113.1", "198.18.0.1", "192.88.99.1", "2001:db8::1", "3fff::1", "4000::1", "5f00::1", "100::1", "2001::1",
    # Other forms of inner addresses.
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::808:808",
    "2002:7f00:1::", "2002:a00:1::1",
]  # fmt: skip


@pytest.mark.parametrize("text", _PUBLIC)
def test_public_addresses(text: str) -> None:
    assert is_public(ip_address(text))


@pytest.mark.parametrize("text", _NOT_PUBLIC)
def test_addresses_that_are_not_public(text: str) -> None:
    assert not is_public(ip_address(text))
    shown = f"[{text}]" if ":" in text else text
    with pytest.raises(AddressRefused, match="not public"):
        checked_url(f"https://{shown}/hooks", allow_private=False)
    assert checked_url(f"http://{shown}/hooks", allow_private=True)


@given(st.ip_addresses(v=4))
def test_an_address_within_another_is_as_public_as_by_itself(address: IPv4Address) -> None:
    mapped = IPv6Address(f"::ffff:{address}")
    nat64 = IPv6Address(int(ip_network("64:ff9b::/96")[0]) + int(address))
    sixtofour = IPv6Address((0x2002 << 112) + (int(address) << 80) + 1)
    assert is_public(mapped) == is_public(nat64) == is_public(sixtofour) == is_public(address)


@given(st.ip_addresses())
def test_no_public_address_is_one_that_python_knows_to_be_inner(address: IPv4Address | IPv6Address) -> None:
    if is_public(address) and address not in ip_network("::/8"):
        assert address.is_global
        for name in ("is_private", "is_loopback", "is_link_local", "is_multicast", "is_unspecified", "is_reserved"):
            assert not getattr(address, name), name


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://app.example.org", "app.example.org"),
        ("HTTPS://App.Example.ORG:443/hooks?key=1", "app.example.org"),
        ("https://app.example.org:8443/hooks", "app.example.org"),
        ("https://xn--9t4b11yi5a.example/hooks", "xn--9t4b11yi5a.example"),
        ("https://xn--9t4b11yi5a/hooks", "xn--9t4b11yi5a"),
        ("https://8.8.8.8/hooks", "8.8.8.8"),
        ("https://[2606:4700::1111]:8443/hooks", "2606:4700::1111"),
    ],
)
def test_urls_that_are_accepted(url: str, host: str) -> None:
    assert host_of(checked_url(url, allow_private=False)) == host


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://app.example.org/hooks", "must begin with https://"),
        ("ftp://app.example.org/hooks", "must begin with https://"),
        ("file:///etc/passwd", "must begin with https://"),
        ("//app.example.org/hooks", "must begin with https://"),
        ("app.example.org", "must begin with https://"),
        ("https://mina@app.example.org/", "user name or password"),
        ("https://mina:secret@app.example.org/", "user name or password"),
        ("https://app.example.org\\@10.0.0.1/", "user name or password"),
        ("https://app.example.org/#part", "fragment"),
        ("https://app.example.org:80/", "port"),
        ("https://app.example.org:22/", "port"),
        ("https://app.example.org:0/", "port"),
        ("https://app.example.org:65536/", "port"),
        ("https://app.example.org:port/", "URL"),
        ("https:///hooks", "host name"),
        ("https://", "host name"),
        ("https://127.1/", "host name"),
        ("https://2130706433/", "host name"),
        ("https://0x7f000001/", "host name"),
        ("https://0177.0.0.1/", "URL"),
        ("https://example.org./", "host name"),
        ("https://-a.example.org/", "host name"),
        ("https://a..example.org/", "host name"),
        ("https://" + "a" * 64 + ".example.org/", "host name"),
        ("https://" + "a." * 127 + "example/", "host name"),
        ("https://앱.example.org/", "ASCII"),
        ("https://app.example.org/a b", "ASCII"),
        ("https://app.example.org/\nHost: inner", "ASCII"),
        ("https://[::1/", "URL"),
        ("https://[fe80::1%25eth0]/", "not public"),
        ("", "URL"),
    ],
)
def test_urls_that_are_refused(url: str, reason: str) -> None:
    with pytest.raises(AddressRefused, match=reason):
        checked_url(url, allow_private=False)


@given(st.text(max_size=60))
def test_any_text_is_a_url_or_refused(text: str) -> None:
    for url in (text, f"https://{text}", f"https://{text}/", f"https://app.example.org:{text}"):
        try:
            checked = checked_url(url, allow_private=False)
        except AddressRefused:
            continue
        assert checked.scheme == "https"
        assert not checked.userinfo
