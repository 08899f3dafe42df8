"""Ports and URLs."""

import socket

import pytest

from koodtx.processes.addresses import base_url, free_port, is_port_free
from koodtx.processes.errors import ProcessFailed

pytestmark = pytest.mark.unit


def test_ports() -> None:
    port = free_port()
    assert is_port_free("127.0.0.1", port)
    with socket.create_server(("127.0.0.1", port)):
        assert not is_port_free("127.0.0.1", port)
    with pytest.raises(ProcessFailed, match="not an address of this machine"):
        is_port_free("no-such-host.invalid", port)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", "http://127.0.0.1:5000"),
        ("0.0.0.0", "http://127.0.0.1:5000"),
        ("::", "http://[::1]:5000"),
        ("example.org", "http://example.org:5000"),
    ],
)
def test_base_url(host: str, expected: str) -> None:
    assert base_url(host, 5000) == expected
