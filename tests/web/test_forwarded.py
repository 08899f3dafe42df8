"""Whose X-Forwarded-For is believed."""

from types import SimpleNamespace

import pytest
from litestar import Litestar
from litestar.datastructures import State
from litestar.testing import RequestFactory

from koodtx.errors import SettingsError
from koodtx.rate_limits import address_key
from koodtx.web.forwarded import client_address, trusted_networks

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.1", "198.51.100.1", "203.0.113.1"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.1,10.0.0.3 , 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", "10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1, nonsense", "10.0.0.1"),
        ("10.0.0.1", "2001:db8::1", "2001:db8::1"),
        ("fd00::1", "198.51.100.1", "198.51.100.1"),
        ("testclient", "198.51.100.1", "testclient"),
    ],
)
def test_client_address(peer: str, forwarded: str, address: str) -> None:
    settings = SimpleNamespace(trusted_proxy_list=["10.0.0.0/8", "fd00::/8"])
    app = Litestar([], state=State({"settings": settings}), openapi_config=None)
    request = RequestFactory(app=app).get("/", headers={"X-Forwarded-For": forwarded})
    request.scope["client"] = (peer, 1234)
    assert client_address(request) == address


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("198.51.100.1", "198.51.100.1"),
        ("::ffff:198.51.100.1", "198.51.100.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("unknown", "unknown"),
    ],
)
def test_address_key(address: str, key: str) -> None:
    assert address_key(address) == key


def test_a_wrong_setting_is_named() -> None:
    with pytest.raises(SettingsError, match="KOODTX_TRUSTED_PROXIES"):
        trusted_networks(("10.0.0.0/8", "everybody"))
