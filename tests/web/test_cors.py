"""Which web pages of others may read our replies."""

import msgspec
import pytest

from koodtx.settings import Settings
from tests.support.aliases import Client

pytestmark = [pytest.mark.api]

FRIEND = "https://app.example.org"
STRANGER = "https://evil.example"


@pytest.fixture
def settings(settings: Settings, origins: str) -> Settings:
    return msgspec.structs.replace(settings, cors_origins=origins)


@pytest.fixture
def origins() -> str:
    return f"{FRIEND}, https://other.example.org"


def preflight(client: Client, origin: str, method: str = "POST") -> dict[str, str]:
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization, content-type, content-encoding, idempotency-key",
    }
    return dict(client.options("/api/sync/push", headers=headers).headers)


@pytest.mark.parametrize("origin", [FRIEND, "https://other.example.org"])
def test_preflight_of_a_listed_origin_is_allowed(client: Client, origin: str) -> None:
    headers = preflight(client, origin)
    assert headers["access-control-allow-origin"] == origin
    assert "POST" in headers["access-control-allow-methods"]
    allowed = headers["access-control-allow-headers"].lower()
    assert all(name in allowed for name in ("authorization", "content-type", "content-encoding", "idempotency-key"))


@pytest.mark.parametrize(
    "origin", [STRANGER, "null", FRIEND + ".evil.example", "http://app.example.org", FRIEND + ":8443", "https://app"]
)
def test_preflight_of_another_origin_is_rejected(client: Client, origin: str) -> None:
    assert "access-control-allow-origin" not in preflight(client, origin)


def test_reply_can_be_read_by_a_listed_origin(client: Client) -> None:
    reply = client.get("/health", headers={"Origin": FRIEND})
    assert reply.headers["access-control-allow-origin"] == FRIEND
    assert "x-request-id" in reply.headers["access-control-expose-headers"].lower()


def test_reply_cannot_be_read_by_another_origin(client: Client) -> None:
    assert "access-control-allow-origin" not in client.get("/health", headers={"Origin": STRANGER}).headers


def test_error_can_be_read_by_a_listed_origin(client: Client) -> None:
    reply = client.get("/api/sync/status", headers={"Origin": FRIEND})
    assert (reply.status_code, reply.headers["access-control-allow-origin"]) == (401, FRIEND)


def test_replies_never_carry_cookies(client: Client) -> None:
    assert "access-control-allow-credentials" not in preflight(client, FRIEND)
    assert "set-cookie" not in client.get("/health").headers


@pytest.mark.parametrize("origins", ["null", f"{FRIEND}, null"])
def test_pages_without_an_origin_can_be_allowed(client: Client) -> None:
    """Files and some WebViews send `Origin: null`."""
    assert preflight(client, "null")["access-control-allow-origin"] == "null"
    assert client.get("/health", headers={"Origin": "null"}).headers["access-control-allow-origin"] == "null"
    assert "access-control-allow-origin" not in preflight(client, STRANGER)


@pytest.mark.parametrize("origins", [""])
def test_without_origins_no_other_site_can_read_replies(client: Client) -> None:
    assert "access-control-allow-origin" not in preflight(client, FRIEND)
    assert "access-control-allow-origin" not in client.get("/health", headers={"Origin": FRIEND}).headers
