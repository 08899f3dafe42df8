"""The keys of an issuer: changed, away, slow, garbage, and never fetched often."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from koodtx.accounts.openid.errors import IssuerUnavailable
from koodtx.accounts.openid.fetch import may_have_keys_at
from koodtx.accounts.openid.issuer_keys import IssuerKeys
from koodtx.accounts.openid.key_set import read_keys
from tests.accounts.openid.conftest import MoveClock
from tests.accounts.openid.requests import link, log_in, logged_in, problem_of
from tests.support.aliases import Client, User
from tests.support.openid_issuer import OpenidIssuer, ec_key, openid_issuer, public_jwk, rsa_key

pytestmark = [pytest.mark.auth, pytest.mark.api]

DISCOVERY = "/.well-known/openid-configuration"
KEYS = "/keys"


def status_of(client: Client, token: str) -> int:
    status: int = log_in(client, token).status_code
    return status


def assert_unavailable(reply: Any) -> None:
    assert problem_of(reply) == (503, "issuer-unavailable")
    assert 1 <= int(reply.headers["Retry-After"]) <= 60


def test_keys_are_fetched_once(client: Client, issuer: OpenidIssuer) -> None:
    for number in range(5):
        logged_in(client, issuer.token(sub=str(number)))
    assert issuer.requests == [DISCOVERY, KEYS]


def test_keys_are_fetched_by_nobody_before_the_first_token(client: Client, issuer: OpenidIssuer) -> None:
    log_in(client, "garbage")
    assert client.get("/health").is_success
    assert issuer.requests == []


def test_a_new_key_is_fetched_when_a_token_names_it(
    client: Client, issuer: OpenidIssuer, move_clock: MoveClock
) -> None:
    old = issuer.token()
    logged_in(client, old)
    issuer.rotate("second", ec_key(1))
    move_clock(11)
    logged_in(client, issuer.token(algorithm="ES256"))
    assert problem_of(log_in(client, old)) == (401, "id-token-invalid")
    assert issuer.requests == [DISCOVERY, KEYS] * 2


def test_a_key_that_the_issuer_withdrew_is_noticed(client: Client, issuer: OpenidIssuer, move_clock: MoveClock) -> None:
    old = issuer.token()
    logged_in(client, old)
    issuer.rotate("second", rsa_key(2))
    move_clock(3601)
    assert problem_of(log_in(client, old)) == (401, "id-token-invalid")


def test_forged_key_ids_cause_no_storm(client: Client, issuer: OpenidIssuer, move_clock: MoveClock) -> None:
    logged_in(client, issuer.token())
    for _ in range(3):
        move_clock(11)
        tokens = [issuer.token(header={"kid": f"forged {number}"}) for number in range(20)]
        with ThreadPoolExecutor(8) as threads:
            statuses = set(threads.map(lambda token: status_of(client, token), tokens))
        assert statuses == {401}
        assert status_of(client, issuer.token()) == 200
    assert issuer.requests == [DISCOVERY, KEYS] * 4


def test_first_tokens_at_once_cause_one_fetch(client: Client, issuer: OpenidIssuer) -> None:
    tokens = [issuer.token(sub=str(number)) for number in range(16)]
    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(lambda token: status_of(client, token), tokens)) == {200}
    assert issuer.requests == [DISCOVERY, KEYS]


def test_while_the_issuer_is_away_its_old_keys_are_used(
    client: Client, issuer: OpenidIssuer, move_clock: MoveClock
) -> None:
    logged_in(client, issuer.token())
    issuer.stop()
    move_clock(3601)
    logged_in(client, issuer.token())
    # Whether the issuer has this key now cannot be known.
    move_clock(11)
    assert_unavailable(log_in(client, issuer.token(header={"kid": "new"})))
    move_clock(24 * 3600)
    assert_unavailable(log_in(client, issuer.token()))
    issuer.start()
    move_clock(11)
    logged_in(client, issuer.token())


def test_without_keys_the_answer_is_that_the_issuer_is_away(
    client: Client, user: User, issuer: OpenidIssuer, move_clock: MoveClock
) -> None:
    issuer.stop()
    assert_unavailable(log_in(client, issuer.token()))
    assert_unavailable(link(client, issuer.token(), user["headers"]))
    issuer.start()
    # Not asked again within ten seconds.
    assert_unavailable(log_in(client, issuer.token()))
    assert issuer.requests == []
    move_clock(11)
    logged_in(client, issuer.token())


def test_one_issuer_that_is_away_does_not_concern_another(
    client: Client, issuer: OpenidIssuer, other: OpenidIssuer
) -> None:
    other.stop()
    assert_unavailable(log_in(client, other.token(), path="openid"))
    logged_in(client, issuer.token(), path="openid")
    other.start()


def test_an_issuer_that_does_not_answer_is_waited_for_once(
    client: Client, issuer: OpenidIssuer, move_clock: MoveClock
) -> None:
    issuer.stall()
    started = time.monotonic()
    with ThreadPoolExecutor(8) as threads:
        replies = list(threads.map(lambda _: log_in(client, issuer.token()), range(16)))
    for reply in replies:
        assert_unavailable(reply)
    assert time.monotonic() - started < 3
    assert len(issuer.requests) == 1
    issuer.go_on()
    move_clock(11)
    logged_in(client, issuer.token())


def test_a_slow_issuer_delays_one_login_if_keys_are_at_hand(
    client: Client, issuer: OpenidIssuer, move_clock: MoveClock
) -> None:
    logged_in(client, issuer.token())
    move_clock(3601)
    issuer.stall()
    started = time.monotonic()
    with ThreadPoolExecutor(1) as threads:
        slow = threads.submit(log_in, client, issuer.token())
        while len(issuer.requests) < 3:
            time.sleep(0.01)
        assert status_of(client, issuer.token()) == 200
        assert not slow.done()
        assert slow.result().status_code == 200
    assert time.monotonic() - started < 3


GARBAGE: list[bytes | int] = [
    b"", b"garbage", b"\xff\xfe", b"[]", b"{}", b"null", b"[" * 200_000, b'{"keys": null}', b'{"keys": [1, null, "a"]}',
    b'{"issuer": 1, "jwks_uri": 2}', b" " * 300_000, 204, 302, 404, 429, 500,
]  # fmt: skip


@pytest.mark.parametrize("path", [DISCOVERY, KEYS])
@pytest.mark.parametrize("garbage", GARBAGE, ids=range(len(GARBAGE)))
def test_garbage_is_as_if_the_issuer_was_away(
    client: Client, issuer: OpenidIssuer, move_clock: MoveClock, path: str, garbage: bytes | int
) -> None:
    issuer.answers[path] = garbage
    assert_unavailable(log_in(client, issuer.token()))
    issuer.answers.clear()
    move_clock(11)
    logged_in(client, issuer.token())
    issuer.answers[path] = garbage
    move_clock(3601)
    logged_in(client, issuer.token())


@pytest.mark.parametrize(
    "discovery",
    [
        {"issuer": "https://accounts.google.com"},
        {"issuer": "http://127.0.0.1/"},
        {"jwks_uri": "http://192.0.2.1/keys"},
        {"jwks_uri": "http://169.254.169.254/latest/meta-data/"},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": "keys"},
        {"jwks_uri": "http://user:password@127.0.0.1:{port}/keys"},
        {"jwks_uri": ""},
    ],
)
def test_a_discovery_document_that_points_elsewhere_is_not_followed(
    client: Client, issuer: OpenidIssuer, discovery: dict[str, Any]
) -> None:
    port = issuer.url.rpartition(":")[2]
    issuer.discovery = {name: value.replace("{port}", port) for name, value in discovery.items()}
    assert_unavailable(log_in(client, issuer.token()))
    assert issuer.requests == [DISCOVERY]


@pytest.mark.unit
@pytest.mark.parametrize(
    ("issuer_url", "jwks_uri", "may"),
    [
        ("https://a.org", "https://a.org/keys", True),
        ("https://a.org", "https://keys.example.net/a", True),
        ("https://a.org", "http://a.org/keys", False),
        ("https://a.org", "http://127.0.0.1/keys", False),
        ("http://127.0.0.1", "http://127.0.0.1:8080/keys", True),
        ("http://127.0.0.1", "http://192.168.1.2/keys", False),
        ("http://127.0.0.1", "https://a.org/keys", True),
    ],
)
def test_keys_are_as_safe_as_their_issuer(issuer_url: str, jwks_uri: str, may: bool) -> None:
    assert may_have_keys_at(issuer_url, jwks_uri) is may


@pytest.mark.parametrize("path", [DISCOVERY, KEYS])
def test_an_answer_that_is_too_long_is_not_read(
    client: Client, issuer: OpenidIssuer, move_clock: MoveClock, path: str
) -> None:
    documents = {
        DISCOVERY: {"issuer": issuer.url, "jwks_uri": f"{issuer.url}/keys"},
        KEYS: {"keys": [public_jwk(rsa_key(1), kid="first")]},
    }
    document = json.dumps(documents[path]).encode()
    issuer.answers[path] = document + b" " * 256 * 1024
    assert_unavailable(log_in(client, issuer.token()))
    issuer.answers[path] = document + b" " * 200 * 1024
    move_clock(11)
    logged_in(client, issuer.token())


def test_other_keys_of_a_set_are_skipped(client: Client, issuer: OpenidIssuer) -> None:
    good = public_jwk(rsa_key(1), kid="first")
    others = [
        {"kty": "oct", "kid": "first", "k": "c2VjcmV0"},
        {"kty": "RSA", "kid": "first"},
        {"kty": "RSA", "kid": "first", "n": "AQAB", "e": "AQAB"},
        {"kty": "RSA", "kid": "first", "n": good["n"], "e": "AQ"},
        {"kty": "EC", "kid": "first", "crv": "P-256", "x": "AAAA", "y": "AAAA"},
        {"kty": "EC", "kid": "first", "crv": "secp256k1", "x": "AAAA", "y": "AAAA"},
        {"kty": "OKP", "kid": "first", "crv": "Ed25519", "x": "AAAA"},
        {"kty": ["RSA"], "kid": "first"},
        public_jwk(rsa_key(3, 1024), kid="first"),
        good | {"kid": "second", "use": "enc"},
        None,
        "a",
    ]
    issuer.answers[KEYS] = json.dumps({"keys": [*others, good]}).encode()
    logged_in(client, issuer.token())


@pytest.mark.unit
def test_keys_that_are_too_short_are_not_accepted() -> None:
    for bits, count in ((1024, 0), (2048, 1), (3072, 1)):
        assert len(read_keys(json.dumps({"keys": [public_jwk(rsa_key(3, bits))]}).encode())) == count


MEMBERS = st.dictionaries(
    st.sampled_from(["kty", "kid", "use", "key_ops", "alg", "n", "e", "crv", "x", "y", "d"]),
    st.sampled_from(["RSA", "EC", "OKP", "P-256", "P-521", "Ed25519", "sig", "RS256", "ES256", "AQAB", "", "=", "é"])
    | st.binary(max_size=140).map(lambda raw: raw.hex())
    | st.none()
    | st.integers()
    | st.lists(st.text()),
)


@pytest.mark.unit
@given(st.lists(MEMBERS | st.none() | st.text(), max_size=5))
def test_any_key_set_is_read(keys: list[Any]) -> None:
    read_keys(json.dumps({"keys": keys}).encode())


@pytest.mark.unit
@given(st.binary() | st.text().map(str.encode))
def test_any_bytes_are_a_key_set_or_not(document: bytes) -> None:
    with suppress(ValueError):
        assert read_keys(document) == []


def test_a_request_that_ends_early_does_not_end_the_fetch() -> None:
    """Else clients that hang up could keep the keys from everybody."""

    async def run(issuer: OpenidIssuer) -> None:
        keys = IssuerKeys(issuer.url, 5)
        issuer.stall()
        with anyio.move_on_after(0.2):
            await keys.find("RS256", "first")
        issuer.go_on()
        assert await keys.find("RS256", "first") is not None
        assert len(issuer.requests) == 2
        await keys.aclose()

    with openid_issuer() as issuer:
        anyio.run(run, issuer)


def test_the_end_of_the_application_ends_a_fetch() -> None:
    async def run(issuer: OpenidIssuer) -> None:
        keys = IssuerKeys(issuer.url, 30)
        issuer.stall()
        with anyio.move_on_after(0.2):
            await keys.find("RS256", "first")
        started = time.monotonic()
        await keys.aclose()
        assert time.monotonic() - started < 5
        with pytest.raises(IssuerUnavailable):
            await keys.find("RS256", "first")

    with openid_issuer() as issuer:
        anyio.run(run, issuer)
